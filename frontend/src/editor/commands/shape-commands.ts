/** Commands of drawn shapes: polygon, lasso, magnetic lasso, ellipse, box, point, cuts. */
import type { Doers } from "./doers";

export type ShapeCommand = never;

export const SHAPE_DOERS: Doers<ShapeCommand> = {};
