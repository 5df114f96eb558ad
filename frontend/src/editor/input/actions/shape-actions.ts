/** Drawn shapes and cuts. */
import type { Action } from "./action";

export const SHAPE_ACTIONS: readonly Action[] = [];
