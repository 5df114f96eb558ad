/** Writes spans of pixels into one frame within a transaction. */
import type { FrameLabels } from "./frame-labels";
import { TILE_PX, tileKey } from "./geometry";
import type { Rect, TileKey } from "./geometry";
import type { LabelTile } from "./label-tile";
import { join, leave, own } from "./pixel-sets";
import type { Runs } from "./runs";
import type { Planes } from "./tile-content";

/** keep: never touch other cells · overwrite: take their pixels · overlap: share pixels. */
export type WriteMode = "keep" | "overwrite" | "overlap";

/** Answers whether pixel i of the planes changed. */
type Touch = (planes: Planes, i: number) => boolean;

export class FrameWriter {
  constructor(
    readonly frame: FrameLabels,
    /** Before a tile is written the first time. */
    private readonly onTouch: (tile: LabelTile, key: TileKey) => void,
    private readonly onChange: (key: TileKey, rect: Rect) => void,
  ) {}

  /** Paints a span of row y, x0 ≤ x < x1, cut to the image. Answers how many pixels changed. */
  paint(cell: number, mode: WriteMode, y: number, x0: number, x1: number): number {
    if (mode === "overlap") return this.#write(y, x0, x1, (planes, i) => join(planes, i, cell));
    if (mode === "overwrite") return this.#write(y, x0, x1, (planes, i) => own(planes, i, cell));
    return this.#write(y, x0, x1, (planes, i) => planes[0][i] === 0 && join(planes, i, cell));
  }

  /** Takes a span from one cell, or from every cell (null). */
  erase(cell: number | null, y: number, x0: number, x1: number): number {
    if (cell === null) return this.#write(y, x0, x1, (planes, i) => own(planes, i, 0));
    return this.#write(y, x0, x1, (planes, i) => leave(planes, i, cell));
  }

  paintRuns(cell: number, mode: WriteMode, runs: Runs): number {
    let changed = 0;
    for (let i = 0; i < runs.length; i += 3) {
      changed += this.paint(cell, mode, runs[i], runs[i + 1], runs[i + 1] + runs[i + 2]);
    }
    return changed;
  }

  eraseRuns(cell: number | null, runs: Runs): number {
    let changed = 0;
    for (let i = 0; i < runs.length; i += 3) {
      changed += this.erase(cell, runs[i], runs[i + 1], runs[i + 1] + runs[i + 2]);
    }
    return changed;
  }

  #write(y: number, from: number, to: number, touch: Touch): number {
    if (y < 0 || y >= this.frame.height) return 0;
    const [x0, x1] = [Math.max(0, from), Math.min(this.frame.width, to)];
    let changed = 0;
    for (let x = x0; x < x1; ) {
      const stop = Math.min(x1, (Math.floor(x / TILE_PX) + 1) * TILE_PX);
      changed += this.#writeInTile(y, x, stop, touch);
      x = stop;
    }
    return changed;
  }

  #writeInTile(y: number, x0: number, x1: number, touch: Touch): number {
    const [ty, tx] = [Math.floor(y / TILE_PX), Math.floor(x0 / TILE_PX)];
    const key = tileKey(ty, tx);
    const tile = this.frame.tileToWrite(key);
    this.onTouch(tile, key);
    const planes = tile.planesToWrite();
    const shift = (y - ty * TILE_PX) * TILE_PX - tx * TILE_PX;
    let [first, last, changed] = [-1, -1, 0];
    for (let x = x0; x < x1; x++) {
      if (!touch(planes, shift + x)) continue;
      if (first < 0) first = x;
      last = x;
      changed++;
    }
    if (changed > 0) this.onChange(key, { x0: first, y0: y, x1: last + 1, y1: y + 1 });
    return changed;
  }
}
