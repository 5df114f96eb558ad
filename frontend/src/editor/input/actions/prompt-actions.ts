/** Click-to-segment. */
import type { Action } from "./action";

export const PROMPT_ACTIONS: readonly Action[] = [];
