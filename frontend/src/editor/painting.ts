/**
 * The side door of the editor: its pixel arithmetic without canvas, keys and workers, for small pages that paint a mask
 * in a crop and must load fast on a phone.
 */
export type { Point } from "./core/geometry";
export { areaOf, boundsOf, difference, intersection, lineOfRuns, normalise, ROW, runsOfLine, union, type Line, type Runs } from "./core/runs";
export { fillPolygon } from "./core/polygon-fill";
export { outlineOf, type Ring } from "./core/outline";
export { sweepDisc } from "./core/rasterize";
export { StrokePath } from "./core/stroke-path";
