/** Over planes and frames. */
import type { Action } from "./action";

export const SERIES_ACTIONS: readonly Action[] = [];
