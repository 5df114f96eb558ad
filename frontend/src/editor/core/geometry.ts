/** Places in an image. Pixels are counted from 0; the centre of pixel (y, x) is the point (y + 0.5, x + 0.5). */

/** Edge of a label tile, px. */
export const TILE_PX = 256;
export const TILE_AREA = TILE_PX * TILE_PX;

/** Image pixels; (0, 0) is the outer corner of the first pixel, its centre is (0.5, 0.5). */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Whole pixels, both ends inside. */
export interface Bounds {
  readonly y_min: number;
  readonly x_min: number;
  readonly y_max: number;
  readonly x_max: number;
}

/** Half-open: x0 ≤ x < x1. */
export interface Rect {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Tiles ty0 ≤ ty < ty1, tx0 ≤ tx < tx1. */
export interface TileRange {
  readonly ty0: number;
  readonly tx0: number;
  readonly ty1: number;
  readonly tx1: number;
}

export type TileKey = number;

export const tileKey = (ty: number, tx: number): TileKey => ty * 65536 + tx;
export const tileRow = (key: TileKey): number => Math.floor(key / 65536);
export const tileColumn = (key: TileKey): number => key % 65536;

export const unionOf = (a: Rect, b: Rect): Rect => ({
  x0: Math.min(a.x0, b.x0),
  y0: Math.min(a.y0, b.y0),
  x1: Math.max(a.x1, b.x1),
  y1: Math.max(a.y1, b.y1),
});

export const intersectionOf = (a: Rect, b: Rect): Rect => ({
  x0: Math.max(a.x0, b.x0),
  y0: Math.max(a.y0, b.y0),
  x1: Math.min(a.x1, b.x1),
  y1: Math.min(a.y1, b.y1),
});

export const isEmptyRect = (rect: Rect): boolean => rect.x1 <= rect.x0 || rect.y1 <= rect.y0;

export const rectOf = (bounds: Bounds): Rect => ({
  x0: bounds.x_min,
  y0: bounds.y_min,
  x1: bounds.x_max + 1,
  y1: bounds.y_max + 1,
});

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Label tiles that a rectangle of the image touches. */
export const tilesUnder = (rect: Rect): TileRange => ({
  ty0: Math.floor(rect.y0 / TILE_PX),
  tx0: Math.floor(rect.x0 / TILE_PX),
  ty1: Math.ceil(rect.y1 / TILE_PX),
  tx1: Math.ceil(rect.x1 / TILE_PX),
});

export const rectOfTiles = ({ ty0, tx0, ty1, tx1 }: TileRange): Rect => ({ x0: tx0 * TILE_PX, y0: ty0 * TILE_PX, x1: tx1 * TILE_PX, y1: ty1 * TILE_PX });

export function tileKeysIn({ ty0, tx0, ty1, tx1 }: TileRange): TileKey[] {
  const keys: TileKey[] = [];
  for (let ty = ty0; ty < ty1; ty++) for (let tx = tx0; tx < tx1; tx++) keys.push(tileKey(ty, tx));
  return keys;
}
