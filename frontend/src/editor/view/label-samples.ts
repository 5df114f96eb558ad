/** Label tiles as the graphics card wants them: ids on a grid of every 2^level pixels. */
import type { FrameLabels } from "../core/frame-labels";
import { TILE_AREA, TILE_PX, tileKey } from "../core/geometry";
import type { Rect } from "../core/geometry";
import type { LabelTile } from "../core/label-tile";
import { eachRun, planesOfContent } from "../core/tile-content";
import type { Planes } from "../core/tile-content";

/** Two planes of 256 × 256 samples; the second is null where nothing overlaps. Of more cells in a pixel two are drawn. */
export interface LabelSamples {
  readonly first: Uint32Array;
  readonly second: Uint32Array | null;
  /** Some pixel has more than two cells: which are drawn depends on which are favoured. */
  readonly deep: boolean;
}

export const NO_SAMPLES: LabelSamples = { first: new Uint32Array(TILE_AREA), second: null, deep: false };

/**
 * Sample (j, i) is the pixel in the middle of its block; null when the tile is empty. Favoured cells, the first most,
 * are seen in each of their pixels, however many cells lie there.
 */
export function sampleTile(frame: FrameLabels, level: number, ty: number, tx: number, favoured: readonly number[] = []): LabelSamples | null {
  const samples = level === 0 ? fullTile(frame, ty, tx) : coarseTile(frame, level, ty, tx);
  return samples?.deep ? withFavoured(frame, level, ty, tx, samples, favoured) : samples;
}

function coarseTile(frame: FrameLabels, level: number, ty: number, tx: number): LabelSamples | null {
  const target: Target = { first: new Uint32Array(TILE_AREA), second: null, deep: false };
  const side = 2 ** level;
  let any = false;
  for (let sy = 0; sy < side; sy++) {
    for (let sx = 0; sx < side; sx++) {
      const tile = frame.tile(tileKey(ty * side + sy, tx * side + sx));
      if (!tile || (tile.content.ids.length === 0 && !tile.isUnpacked)) continue;
      any = true;
      if (tile.isUnpacked) samplePlanes(tile.planes(), level, sy, sx, target, WHOLE);
      else sampleRuns(tile, level, sy, sx, target);
    }
  }
  return any ? target : null;
}

interface Target {
  first: Uint32Array;
  second: Uint32Array | null;
  deep: boolean;
}

const WHOLE: Rect = { x0: 0, y0: 0, x1: TILE_PX, y1: TILE_PX };

function fullTile(frame: FrameLabels, ty: number, tx: number): LabelSamples | null {
  const tile = frame.tile(tileKey(ty, tx));
  if (!tile || (tile.content.ids.length === 0 && !tile.isUnpacked)) return null;
  // Planes made only to be looked at are not kept: a slide has thousands of tiles.
  const planes = tile.isUnpacked ? tile.planes() : planesOfContent(tile.content);
  return { first: planes[0], second: planes[1] ?? null, deep: planes.length > 2 };
}

/** Puts the favoured cells onto the second plane where neither plane has them. */
function withFavoured(frame: FrameLabels, level: number, ty: number, tx: number, samples: LabelSamples, favoured: readonly number[]): LabelSamples {
  const [step, offset] = [2 ** level, level === 0 ? 0 : 2 ** level / 2];
  const second = samples.second ? samples.second.slice() : new Uint32Array(TILE_AREA);
  for (const cell of [...favoured].reverse()) {
    if (!frame.has(cell)) continue;
    for (let i = 0; i < TILE_AREA; i++) {
      if (samples.first[i] === 0 || samples.first[i] === cell || second[i] === 0) continue;
      const [x, y] = [(tx * TILE_PX + (i % TILE_PX)) * step + offset, (ty * TILE_PX + Math.floor(i / TILE_PX)) * step + offset];
      if (frame.someCellAt(x, y, (other) => other === cell)) second[i] = cell;
    }
  }
  return { ...samples, second };
}

/** Straight from runs: only rows that carry samples are walked, so a coarse level costs little. */
function sampleRuns(tile: LabelTile, level: number, sy: number, sx: number, target: Target): void {
  const step = 2 ** level;
  const offset = step / 2;
  const n = TILE_PX / step;
  eachRun(tile.content, (cell, start, end) => {
    for (let at = start; at < end; ) {
      const row = at >> 8;
      const stop = Math.min(end, (row + 1) << 8);
      if ((row - offset) % step === 0) {
        const base = (sy * n + (row - offset) / step) * TILE_PX + sx * n;
        const last = stop - (row << 8);
        for (let x = Math.ceil(((at & 255) - offset) / step); x * step + offset < last; x++) put(target, base + x, cell);
      }
      at = stop;
    }
  });
}

function put(target: Target, i: number, cell: number): void {
  if (target.first[i] === 0) target.first[i] = cell;
  else if (target.first[i] !== cell) putAbove(target, i, cell);
}

function putAbove(target: Target, i: number, cell: number): void {
  target.second ??= new Uint32Array(TILE_AREA);
  if (target.second[i] === 0) target.second[i] = cell;
  else target.deep ||= target.second[i] !== cell;
}

/** From planes: samples within `part` (pixels of the small tile). */
function samplePlanes(planes: Planes, level: number, sy: number, sx: number, target: Target, part: Rect): void {
  const step = 2 ** level;
  const [offset, n] = [step / 2, TILE_PX / step];
  for (let j = Math.ceil((part.y0 - offset) / step); j * step + offset < part.y1; j++) {
    for (let i = Math.ceil((part.x0 - offset) / step); i * step + offset < part.x1; i++) {
      const from = (j * step + offset) * TILE_PX + i * step + offset;
      const to = (sy * n + j) * TILE_PX + sx * n + i;
      target.first[to] = planes[0][from];
      const above = planes[1]?.[from] ?? 0;
      if (above !== 0 || target.second) (target.second ??= new Uint32Array(TILE_AREA))[to] = above;
      target.deep ||= (planes[2]?.[from] ?? 0) !== 0;
    }
  }
}

/** Samples of one level that lie in a rectangle of image pixels; [x0, x1) on the level's grid. */
export function sampledRect(rect: Rect, level: number): Rect {
  const step = 2 ** level;
  const offset = level === 0 ? 0 : step / 2;
  const first = (value: number): number => Math.ceil((value - offset) / step);
  return { x0: first(rect.x0), y0: first(rect.y0), x1: first(rect.x1), y1: first(rect.y1) };
}

/** Ids on plane 0 and 1 at the samples of a rectangle of one tile's grid (global sample coordinates), row by row. */
export function readSamples(frame: FrameLabels, level: number, rect: Rect, plane: 0 | 1, favoured: readonly number[] = []): Uint32Array {
  const width = rect.x1 - rect.x0;
  const data = new Uint32Array(width * (rect.y1 - rect.y0));
  const step = 2 ** level;
  const offset = level === 0 ? 0 : step / 2;
  for (let sy = rect.y0; sy < rect.y1; sy++) {
    const y = sy * step + offset;
    for (let sx = rect.x0; sx < rect.x1; sx++) {
      const x = sx * step + offset;
      const planes = frame.tile(tileKey(Math.floor(y / TILE_PX), Math.floor(x / TILE_PX)))?.planes();
      data[(sy - rect.y0) * width + sx - rect.x0] = planes ? idAt(planes, (y % TILE_PX) * TILE_PX + (x % TILE_PX), plane, favoured) : 0;
    }
  }
  return data;
}

/** The lower id, or the other that is drawn. */
function idAt(planes: Planes, i: number, plane: 0 | 1, favoured: readonly number[]): number {
  if (plane === 1 && planes.length > 2) {
    const seen = favoured.find((cell) => planes.some((ids, p) => p > 0 && ids[i] === cell));
    if (seen !== undefined && planes[0][i] !== seen) return seen;
  }
  return planes[plane]?.[i] ?? 0;
}
