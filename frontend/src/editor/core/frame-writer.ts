/** Writes spans of pixels into one frame within a transaction. */
import type { FrameLabels } from "./frame-labels";
import { TILE_PX, tileKey } from "./geometry";
import type { Rect, TileKey } from "./geometry";
import type { Guard } from "./guard";
import type { LabelTile } from "./label-tile";
import { join, joinBeside, leave, own, takeOver } from "./pixel-sets";
import { ROW, runsOfLine } from "./runs";
import type { Runs } from "./runs";
import type { Planes } from "./tile-content";

/** keep: never touch other cells · overwrite: take their pixels · overlap: share pixels. Others are those of the same channel. */
export type WriteMode = "keep" | "overwrite" | "overlap";

/** Answers whether pixel i of the planes changed. */
type Touch = (planes: Planes, i: number) => boolean;

export class FrameWriter {
  constructor(
    readonly frame: FrameLabels,
    private readonly guard: Guard,
    /** Before a tile is written the first time. */
    private readonly onTouch: (tile: LabelTile, key: TileKey) => void,
    private readonly onChange: (key: TileKey, rect: Rect) => void,
  ) {}

  /**
   * Paints a span of row y, x0 ≤ x < x1, cut to the image. Answers how many pixels changed. Pixels of locked cells stay
   * theirs; a locked cell itself is refused.
   */
  paint(cell: number, mode: WriteMode, y: number, x0: number, x1: number): number {
    this.guard.need(cell);
    return this.#write(y, x0, x1, this.#painter(cell, mode));
  }

  #painter(cell: number, mode: WriteMode): Touch {
    if (mode === "overlap") return (planes, i) => join(planes, i, cell);
    if (this.guard.isPlain) {
      if (mode === "overwrite") return (planes, i) => own(planes, i, cell);
      return (planes, i) => planes[0][i] === 0 && join(planes, i, cell);
    }
    const meet = this.guard.meeting(this.guard.channelOf(cell), cell);
    if (mode === "overwrite") return (planes, i) => takeOver(planes, i, cell, meet);
    return (planes, i) => joinBeside(planes, i, cell, meet);
  }

  /** Takes a span from one cell, or (null) from every cell of the channel in hand that is not locked. */
  erase(cell: number | null, y: number, x0: number, x1: number): number {
    if (cell !== null) {
      this.guard.need(cell);
      return this.#write(y, x0, x1, (planes, i) => leave(planes, i, cell));
    }
    if (this.guard.isPlain) return this.guard.channel === null ? this.#write(y, x0, x1, (planes, i) => own(planes, i, 0)) : 0;
    const meet = this.guard.meeting(this.guard.channel);
    return this.#write(y, x0, x1, (planes, i) => takeOver(planes, i, 0, meet));
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

  /** Of these pixels, those that painting in this mode would leave in the cell. Nothing is written. */
  paintable(cell: number, mode: WriteMode, runs: Runs): number[] {
    if (mode === "overlap" || runs.length === 0) return [...runs];
    const meet = this.guard.meeting(this.guard.channelOf(cell), cell);
    const inTheWay = mode === "keep" ? (other: number) => meet(other) !== "passes" : (other: number) => meet(other) === "holds";
    const line: number[] = [];
    for (let i = 0; i < runs.length; i += 3) this.#collectFree(runs[i], runs[i + 1], runs[i + 1] + runs[i + 2], inTheWay, line);
    return runsOfLine(line);
  }

  #collectFree(y: number, from: number, to: number, inTheWay: (cell: number) => boolean, line: number[]): void {
    if (y < 0 || y >= this.frame.height) return;
    const [x0, x1] = [Math.max(0, from), Math.min(this.frame.width, to)];
    let begin = -1;
    for (let x = x0; x <= x1; x++) {
      const free = x < x1 && !this.frame.someCellAt(x, y, inTheWay);
      if (free && begin < 0) begin = x;
      if (!free && begin >= 0) line.push(y * ROW + begin, y * ROW + x);
      if (!free) begin = -1;
    }
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
