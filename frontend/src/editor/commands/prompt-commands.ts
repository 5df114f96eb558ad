/** Click-to-segment: points, boxes and negative points give a mask. */
import type { Doers } from "./doers";

export type PromptCommand = never;

export const PROMPT_DOERS: Doers<PromptCommand> = {};
