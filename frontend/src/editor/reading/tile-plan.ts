/** Which pixel tiles to read, in which order. */
import type { LabelDocument, PixelRequest } from "../host";
import type { Point, Rect } from "../core/geometry";
import { eachTile, levelFor, tilesIn } from "../view/tiles-in-view";

export interface View {
  readonly t: number;
  readonly z: number;
  /** Image px in view. */
  readonly rect: Rect;
  readonly imagePerDevicePx: number;
  readonly channels: readonly number[];
  /** Frame and plane last stepped from, to guess the next. */
  readonly direction: { readonly t: number; readonly z: number };
}

export interface Plan {
  readonly requests: readonly PixelRequest[];
  /** The first so many belong to the present view. */
  readonly needed: number;
}

/**
 * Coarse ground of the view first, then its tiles from the middle outwards, then the same of neighbour frames, `most`
 * in all: what is read ahead must not push out what is looked at.
 */
export function planTiles(document: LabelDocument, view: View, most = Infinity): Plan {
  const fine = levelFor(document.pyramid, view.imagePerDevicePx);
  const coarse = document.pyramid.length - 1;
  const here = [...(coarse > fine ? tilesOf(document, view, coarse, view.t, view.z) : []), ...tilesOf(document, view, fine, view.t, view.z)];
  const next = neighbours(document, view).flatMap(({ t, z }) => tilesOf(document, view, fine, t, z));
  return { requests: [...here, ...next.slice(0, Math.max(0, most - here.length))], needed: here.length };
}

function tilesOf(document: LabelDocument, view: View, level: number, t: number, z: number): PixelRequest[] {
  const shape = document.pyramid[level];
  const edge = shape.scale * document.pixelTilePx;
  const places: { ty: number; tx: number }[] = [];
  eachTile(tilesIn(view.rect, shape, document.pixelTilePx), (ty, tx) => places.push({ ty, tx }));
  const middle: Point = { x: (view.rect.x0 + view.rect.x1) / 2, y: (view.rect.y0 + view.rect.y1) / 2 };
  const away = ({ ty, tx }: { ty: number; tx: number }): number => Math.hypot((ty + 0.5) * edge - middle.y, (tx + 0.5) * edge - middle.x);
  places.sort((a, b) => away(a) - away(b));
  return places.flatMap(({ ty, tx }) => view.channels.map((c) => ({ level, t, c, z, ty, tx })));
}

/** So many frames in the direction of travel are read ahead, one backwards. */
const AHEAD = 3;

/** Frames a few key presses away, those in the direction of travel first. */
export function neighbours({ size }: LabelDocument, { t, z, direction }: Pick<View, "t" | "z" | "direction">): { t: number; z: number }[] {
  const forward = direction.t < 0 || direction.z < 0 ? -1 : 1;
  const along = [1, -1, 2, 3].filter((n) => n <= AHEAD).map((n) => n * forward);
  const across = [forward, -forward];
  const byPlane = direction.z !== 0;
  const places = [...along.map((n) => (byPlane ? { t, z: z + n } : { t: t + n, z })), ...across.map((n) => (byPlane ? { t: t + n, z } : { t, z: z + n }))];
  return places.filter((p) => p.t >= 0 && p.t < size.t && p.z >= 0 && p.z < size.z);
}
