/** Regions of equal labels, found by spans. */
import type { FrameLabels } from "./frame-labels";
import { TILE_AREA, TILE_PX, tileKey } from "./geometry";
import type { TileKey } from "./geometry";
import { holds } from "./pixel-sets";
import { ROW, normalise, runsOfLine } from "./runs";

/** The region is larger than was allowed. */
export class RegionTooLarge extends Error {
  override readonly name = "RegionTooLarge";
}

export interface FloodOptions {
  /** Diagonal neighbours count as joined. Default false. */
  readonly diagonal?: boolean;
  /** Throws RegionTooLarge beyond. */
  readonly most_px?: number;
}

/** Pixels joined to (x, y) that belong to `cell`, or, for 0, to no cell. Runs in image pixels; [] outside. */
export function flood(frame: FrameLabels, x: number, y: number, cell: number, options: FloodOptions = {}): number[] {
  const region = new Region(frame, cell);
  const reach = options.diagonal ? 1 : 0;
  const line: number[] = [];
  const seeds: number[] = [y, x, x + 1];
  let area = 0;
  while (seeds.length > 0) {
    const [to, from, row] = [seeds.pop() ?? 0, seeds.pop() ?? 0, seeds.pop() ?? 0];
    for (const [x0, x1] of region.takeSpans(row, from, to)) {
      line.push(row * ROW + x0, row * ROW + x1);
      seeds.push(row - 1, x0 - reach, x1 + reach, row + 1, x0 - reach, x1 + reach);
      area += x1 - x0;
    }
    if (area > (options.most_px ?? Infinity)) {
      throw new RegionTooLarge(`The region at x ${x}, y ${y} is larger than ${options.most_px} px; close its border first.`);
    }
  }
  return runsOfLine(normalise(line));
}

class Region {
  readonly #taken = new Map<TileKey, Uint8Array>();

  constructor(
    private readonly frame: FrameLabels,
    private readonly cell: number,
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
    if (taken[i] !== 0 || !this.#matches(key, i)) return false;
    taken[i] = 1;
    this.#taken.set(key, taken);
    return true;
  }

  #matches(key: TileKey, i: number): boolean {
    const planes = this.frame.tile(key)?.planes();
    if (!planes) return this.cell === 0;
    return this.cell === 0 ? planes[0][i] === 0 : holds(planes, i, this.cell);
  }
}
