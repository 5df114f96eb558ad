/** Which tiles of which level a view needs. */
import type { PyramidLevel } from "../host";
import { clamp } from "../core/geometry";
import type { Rect, TileRange } from "../core/geometry";

export type { TileRange } from "../core/geometry";

/** The coarsest level that still has a pixel of its own for every device pixel. */
export function levelFor(pyramid: readonly PyramidLevel[], imagePerDevicePx: number): number {
  const fine = pyramid.findLastIndex((level) => level.scale <= imagePerDevicePx * 1.001);
  return Math.max(0, fine);
}

/** Tiles of `tilePx` level pixels that the view (image px) touches. */
export function tilesIn(view: Rect, level: PyramidLevel, tilePx: number): TileRange {
  const [rows, columns] = [Math.ceil(level.height_px / tilePx), Math.ceil(level.width_px / tilePx)];
  const edge = tilePx * level.scale;
  return {
    ty0: clamp(Math.floor(view.y0 / edge), 0, rows),
    tx0: clamp(Math.floor(view.x0 / edge), 0, columns),
    ty1: clamp(Math.ceil(view.y1 / edge), 0, rows),
    tx1: clamp(Math.ceil(view.x1 / edge), 0, columns),
  };
}

export function eachTile(range: TileRange, visit: (ty: number, tx: number) => void): void {
  for (let ty = range.ty0; ty < range.ty1; ty++) {
    for (let tx = range.tx0; tx < range.tx1; tx++) visit(ty, tx);
  }
}

export const tileCount = (range: TileRange): number =>
  Math.max(0, range.ty1 - range.ty0) * Math.max(0, range.tx1 - range.tx0);

/** Level of labels for a view: labels are sampled every 2^level px. */
export const labelLevelFor = (imagePerDevicePx: number): number => Math.max(0, Math.floor(Math.log2(imagePerDevicePx * 1.001)));
