/** The pixels of an edit, parted along the borders of tiles. */
import type { PixelChange } from "./edit";
import { TILE_PX, tileKey } from "./geometry";
import type { TileKey } from "./geometry";
import { lineOfRuns, runsOfLine, union } from "./runs";
import type { Runs } from "./runs";

/** What of a change lies in these tiles, and the rest. */
export function splitByTiles(change: PixelChange, tiles: ReadonlySet<TileKey>): { readonly inside: PixelChange; readonly outside: PixelChange } {
  const [add, remove] = [part(change.add, tiles), part(change.remove, tiles)];
  return { inside: { ...change, add: add.inside, remove: remove.inside }, outside: { ...change, add: add.outside, remove: remove.outside } };
}

function part(runs: Runs, tiles: ReadonlySet<TileKey>): { inside: Runs; outside: Runs } {
  const [inside, outside]: number[][] = [[], []];
  for (let i = 0; i < runs.length; i += 3) {
    const [y, end] = [runs[i], runs[i + 1] + runs[i + 2]];
    for (let x = runs[i + 1]; x < end; ) {
      const tx = Math.floor(x / TILE_PX);
      const stop = Math.min(end, (tx + 1) * TILE_PX);
      (tiles.has(tileKey(Math.floor(y / TILE_PX), tx)) ? inside : outside).push(y, x, stop - x);
      x = stop;
    }
  }
  return { inside: whole(inside), outside: whole(outside) };
}

/** Runs that were cut at a border inside the same part are one again. */
const whole = (runs: Runs): Runs => joinRuns(runs, []);

/** Two changes of one cell in one frame as one. */
export const joinPixels = (a: PixelChange, b: PixelChange | undefined): PixelChange =>
  b ? { ...a, add: joinRuns(a.add, b.add), remove: joinRuns(a.remove, b.remove) } : a;

const joinRuns = (a: Runs, b: Runs): Runs => runsOfLine(union(lineOfRuns(a), lineOfRuns(b)));
