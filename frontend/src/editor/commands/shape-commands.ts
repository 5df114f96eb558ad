/** Commands of drawn shapes: polygon, lasso, magnetic lasso, ellipse, box, point. */
import type { Doers } from "./doers";
import { beginLasso, dragShape, drawPolygon, drawShape, endLasso, extendLasso, placeShape } from "./shapes/frames";
import type { FrameShapeCommand } from "./shapes/frames";
import { backMagnet, lookMagnet, pointMagnet } from "./shapes/magnet";
import type { MagnetCommand } from "./shapes/magnet";
import { addPoint, closeOutline, dragCorner, editOutline, grabCorner, lookOutline, removeCorner } from "./shapes/outline";
import type { OutlineCommand } from "./shapes/outline";

export type ShapeCommand = FrameShapeCommand | OutlineCommand | MagnetCommand;

export const SHAPE_DOERS: Doers<ShapeCommand> = {
  "shape.drag": dragShape,
  "shape.draw": drawShape,
  "shape.place": placeShape,
  "shape.polygon": drawPolygon,
  "lasso.begin": beginLasso,
  "lasso.extend": extendLasso,
  "lasso.end": endLasso,
  "outline.point": addPoint,
  "outline.look": lookOutline,
  "outline.grab": grabCorner,
  "outline.drag": dragCorner,
  "outline.remove": removeCorner,
  "outline.close": closeOutline,
  "outline.edit": editOutline,
  "magnet.point": pointMagnet,
  "magnet.look": lookMagnet,
  "magnet.back": backMagnet,
};
