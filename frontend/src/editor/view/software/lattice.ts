/** Where each device pixel lies in the image, in the precision of the shaders, so that both paths show the same pixels. */
import type { Rect } from "@/editor/core/geometry";
import { viewRect } from "../camera";
import type { Scene } from "../scene";
import { imagePerDevice } from "../webgl/place";

export interface Lattice {
  /** Whole image pixels that the places count from. */
  readonly origin_x: number;
  readonly origin_y: number;
  /** Image pixels per device pixel. */
  readonly per_px: number;
  /** Places of the columns and rows of a rectangle of device pixels, counted from the origin. */
  readonly columns: Float32Array;
  readonly rows: Float32Array;
}

export function latticeOf(scene: Scene, area: Rect): Lattice {
  const corner = viewRect(scene.camera, scene.size);
  const [origin_x, origin_y] = [Math.floor(corner.x0), Math.floor(corner.y0)];
  const per_px = Math.fround(imagePerDevice(scene));
  const places = (rest: number, from: number, to: number): Float32Array =>
    Float32Array.from({ length: to - from }, (_, i) => rest + Math.fround((from + i + 0.5) * per_px));
  return {
    origin_x,
    origin_y,
    per_px,
    columns: places(Math.fround(corner.x0 - origin_x), area.x0, area.x1),
    rows: places(Math.fround(corner.y0 - origin_y), area.y0, area.y1),
  };
}
