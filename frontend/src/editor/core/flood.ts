/** Regions of equal labels, found by spans, in one plane or through a stack. */
import type { FrameLabels } from "./frame-labels";
import { TILE_AREA, TILE_PX, tileKey } from "./geometry";
import type { TileKey } from "./geometry";
import { holds } from "./pixel-sets";
import { ROW, normalise, runsOfLine } from "./runs";
import type { Planes } from "./tile-content";

/** The region is larger than was allowed. */
export class RegionTooLarge extends Error {
  override readonly name = "RegionTooLarge";
}

/** Whether pixel i belongs to the region; no planes: nothing was ever drawn in this tile. */
export type Belongs = (planes: Planes | undefined, i: number) => boolean;

export interface FloodOptions {
  /** Pixels that touch only at corners (in a stack also at edges) are joined. Default false. */
  readonly diagonal?: boolean;
  /** Throws RegionTooLarge beyond; in a stack over all planes. */
  readonly most_px?: number;
}

/** Pixels of this cell, or, for 0, of none. */
export const belongsTo = (cell: number): Belongs =>
  cell === 0 ? (planes, i) => planes === undefined || planes[0][i] === 0 : (planes, i) => planes !== undefined && holds(planes, i, cell);

/** Pixels of no cell that passes the question. */
export const belongsToNone = (counts: (cell: number) => boolean): Belongs => (planes, i) =>
  planes === undefined || !planes.some((plane) => plane[i] !== 0 && counts(plane[i]));

/** Pixels joined to (x, y) that belong to `cell`, or, for 0, to no cell. Runs in image pixels; [] outside. */
export function flood(frame: FrameLabels, x: number, y: number, cell: number, options: FloodOptions = {}): number[] {
  return floodStack([frame], 0, x, y, belongsTo(cell), options)[0];
}

/** The same through planes that lie one on the other; one set of runs a plane. */
export function floodStack(stack: readonly FrameLabels[], from: number, x: number, y: number, belongs: Belongs, options: FloodOptions = {}): number[][] {
  const regions = stack.map((frame) => new Region(frame, belongs));
  const lines: number[][] = stack.map(() => []);
  const reach = options.diagonal ? 1 : 0;
  const seeds: number[] = [from, y, x, x + 1];
  let area = 0;
  while (seeds.length > 0) {
    const [to, first, row, plane] = [seeds.pop() ?? 0, seeds.pop() ?? 0, seeds.pop() ?? 0, seeds.pop() ?? 0];
    for (const [x0, x1] of regions[plane].takeSpans(row, first, to)) {
      lines[plane].push(row * ROW + x0, row * ROW + x1);
      pushNeighbours(seeds, { plane, row, x0: x0 - reach, x1: x1 + reach }, stack.length, reach);
      area += x1 - x0;
    }
    if (area > (options.most_px ?? Infinity)) {
      throw new RegionTooLarge(`The region at x ${x}, y ${y} is larger than ${options.most_px} px; close its border first.`);
    }
  }
  return lines.map((line) => runsOfLine(normalise(line)));
}

interface Span {
  readonly plane: number;
  readonly row: number;
  readonly x0: number;
  readonly x1: number;
}

function pushNeighbours(seeds: number[], { plane, row, x0, x1 }: Span, planes: number, reach: number): void {
  seeds.push(plane, row - 1, x0, x1, plane, row + 1, x0, x1);
  for (const other of [plane - 1, plane + 1]) {
    if (other < 0 || other >= planes) continue;
    for (let dy = -reach; dy <= reach; dy++) seeds.push(other, row + dy, x0, x1);
  }
}

/** All pixels of the plane that belong, joined or not. */
export function matching(frame: FrameLabels, belongs: Belongs, most_px = Infinity): number[] {
  const region = new Region(frame, belongs);
  const line: number[] = [];
  let area = 0;
  for (let y = 0; y < frame.height; y++) {
    for (const [x0, x1] of region.takeSpans(y, 0, frame.width)) {
      line.push(y * ROW + x0, y * ROW + x1);
      area += x1 - x0;
    }
    if (area > most_px) throw new RegionTooLarge(`The regions together are larger than ${most_px} px; fill only what is joined.`);
  }
  return runsOfLine(normalise(line));
}

class Region {
  readonly #taken = new Map<TileKey, Uint8Array>();

  constructor(
    private readonly frame: FrameLabels,
    private readonly belongs: Belongs,
  ) {}

  /** Spans of the region in row y that touch [from, to), each once, widened to their full length. */
  takeSpans(y: number, from: number, to: number): [number, number][] {
    const spans: [number, number][] = [];
    if (y < 0 || y >= this.frame.height) return spans;
    const end = Math.min(to, this.frame.width);
    for (let x = Math.max(0, from); x < end; x++) {
      if (!this.#take(x, y)) continue;
      let [x0, x1] = [x, x + 1];
      while (this.#take(x0 - 1, y)) x0--;
      while (this.#take(x1, y)) x1++;
      spans.push([x0, x1]);
      x = x1;
    }
    return spans;
  }

  #take(x: number, y: number): boolean {
    if (x < 0 || x >= this.frame.width) return false;
    const key = tileKey(Math.floor(y / TILE_PX), Math.floor(x / TILE_PX));
    const i = (y % TILE_PX) * TILE_PX + (x % TILE_PX);
    const taken = this.#taken.get(key) ?? new Uint8Array(TILE_AREA);
    if (taken[i] !== 0 || !this.belongs(this.frame.tile(key)?.planes(), i)) return false;
    taken[i] = 1;
    this.#taken.set(key, taken);
    return true;
  }
}
