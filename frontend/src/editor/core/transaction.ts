/** One gesture: writes now, says at the end what really changed as one invertible edit. */
import { NO_FACTS, sameFacts } from "./edit";
import type { CellChange, CellFacts, Edit, PixelChange } from "./edit";
import { imageLine } from "./frame-labels";
import type { FrameLabels } from "./frame-labels";
import { FrameWriter } from "./frame-writer";
import { Guard } from "./guard";
import type { Hand } from "./guard";
import { TILE_PX } from "./geometry";
import type { Rect, TileKey } from "./geometry";
import type { LabelStore } from "./label-store";
import type { LabelTile } from "./label-tile";
import { normalise, runsOfLine } from "./runs";
import type { TileContent } from "./frame";
import { contentChanges } from "./tile-content";

interface OpenTile {
  readonly tile: LabelTile;
  /** Runs when the transaction first touched it. */
  readonly before: TileContent;
}

interface OpenFrame {
  readonly writer: FrameWriter;
  readonly tiles: Map<TileKey, OpenTile>;
}

interface Lines {
  readonly add: number[];
  readonly remove: number[];
}

export class Transaction {
  readonly #frames = new Map<FrameLabels, OpenFrame>();
  readonly #factsBefore = new Map<number, CellFacts | null>();

  /** Locks and channels as this gesture meets them. */
  readonly guard: Guard;

  /** Without a hand it lays what is already decided: undo, other people's edits; locks do not count. */
  constructor(
    readonly store: LabelStore,
    private readonly hand: Hand | null = null,
  ) {
    this.guard = new Guard(store.facts, hand);
  }

  /** The writer of a frame that is here. Throws when it is not: nothing may be drawn on labels unseen. */
  on(t: number, z: number): FrameWriter {
    const frame = this.store.frame(t, z);
    if (!frame) throw new Error(`Frame t ${t}, z ${z} has not been read; nothing can be written there.`);
    return (this.#frames.get(frame) ?? this.#open(frame)).writer;
  }

  #open(frame: FrameLabels): OpenFrame {
    const tiles = new Map<TileKey, OpenTile>();
    const writer = new FrameWriter(
      frame,
      this.guard,
      (tile, key) => {
        if (!tiles.has(key)) tiles.set(key, { tile, before: tile.content });
      },
      (key, rect) => this.store.onChange(frame.t, frame.z, key, rect),
    );
    const open = { writer, tiles };
    this.#frames.set(frame, open);
    return open;
  }

  /** Null deletes the cell. Throws Refused for a locked cell, unless this unlocks it. */
  setFacts(cell: number, facts: CellFacts | null): void {
    this.guard.needFacts(cell, facts);
    if (!this.#factsBefore.has(cell)) this.#factsBefore.set(cell, this.store.facts.get(cell));
    this.store.facts.set(cell, facts);
  }

  /** Makes the cell if it does not exist, for the channel in hand. */
  ensure(cell: number): void {
    if (!this.store.facts.has(cell)) this.setFacts(cell, this.hand?.birth ?? NO_FACTS);
  }

  /** Takes what was written into the tiles, so that runs and measures are of now; the transaction stays open. */
  seal(): void {
    for (const [frame, { tiles }] of this.#frames) {
      for (const [key, { tile }] of tiles) frame.reindex(key, tile.content, tile.seal());
    }
  }

  /** Ends the gesture. Null when nothing changed. `finish` sees the pixels that changed and may still set facts. */
  commit(id: string, tool: string, finish: (pixels: readonly PixelChange[]) => void = () => undefined): Edit | null {
    this.seal();
    const pixels = [...this.#frames].flatMap(([frame, { tiles }]) => pixelChanges(frame, tiles));
    finish(pixels);
    const cells = this.#factChanges();
    if (pixels.length === 0 && cells.length === 0) return null;
    for (const frame of this.#frames.keys()) frame.touched = true;
    this.store.version++;
    return { id, tool, pixels, cells };
  }

  #factChanges(): CellChange[] {
    const all = [...this.#factsBefore].map(([cell, before]) => ({ cell, before, after: this.store.facts.get(cell) }));
    return all.filter((c) => !sameFacts(c.before, c.after)).sort((a, b) => a.cell - b.cell);
  }

  /** As if nothing had happened. */
  cancel(): void {
    for (const [frame, { tiles }] of this.#frames) {
      for (const [key, { tile, before }] of tiles) {
        frame.reindex(key, tile.content, before);
        tile.replace(before);
        this.store.onChange(frame.t, frame.z, key, wholeTile(tile));
      }
    }
    for (const [cell, facts] of this.#factsBefore) this.store.facts.set(cell, facts);
  }
}

function pixelChanges(frame: FrameLabels, tiles: ReadonlyMap<TileKey, OpenTile>): PixelChange[] {
  const lines = new Map<number, Lines>();
  for (const { tile, before } of tiles.values()) {
    for (const change of contentChanges(before, tile.content)) {
      const line = lines.get(change.cell) ?? { add: [], remove: [] };
      lines.set(change.cell, line);
      imageLine(change.add, tile.ty, tile.tx, line.add);
      imageLine(change.remove, tile.ty, tile.tx, line.remove);
    }
  }
  const { t, z } = frame;
  const cells = [...lines].sort((a, b) => a[0] - b[0]);
  return cells.map(([cell, { add, remove }]) => ({ t, z, cell, add: runsOf(add), remove: runsOf(remove) }));
}

const runsOf = (line: number[]): number[] => runsOfLine(normalise(line));

const wholeTile = ({ ty, tx }: LabelTile): Rect => ({
  x0: tx * TILE_PX,
  y0: ty * TILE_PX,
  x1: (tx + 1) * TILE_PX,
  y1: (ty + 1) * TILE_PX,
});
