/** Commands that look at the grey values: threshold in a box, two-click watershed, autofit, magic wand. */
import type { Doers } from "./doers";

export type GuidedCommand = never;

export const GUIDED_DOERS: Doers<GuidedCommand> = {};
