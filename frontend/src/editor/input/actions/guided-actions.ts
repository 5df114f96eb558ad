/** Tools that look at the grey values. */
import type { Action } from "./action";

export const GUIDED_ACTIONS: readonly Action[] = [];
