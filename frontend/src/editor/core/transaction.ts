/** One gesture: writes now, says at the end what really changed as one invertible edit. */
import { NO_FACTS, sameFacts } from "./edit";
import type { CellChange, CellFacts, Edit, PixelChange } from "./edit";
import { imageLine } from "./frame-labels";
import type { FrameLabels } from "./frame-labels";
import { FrameWriter } from "./frame-writer";
import { renameContent, namesIn, turned } from "./moves";
import type { CellMove, Names } from "./moves";
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
  /** What its cells were renamed to, in order: said as moves, not as pixels. */
  readonly renamed: Names[];
}

interface Lines {
  readonly add: number[];
  readonly remove: number[];
}

export class Transaction {
  readonly #frames = new Map<FrameLabels, OpenFrame>();
  readonly #factsBefore = new Map<number, CellFacts | null>();
  #moves: readonly CellMove[] = [];

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
    const open = { writer, tiles, renamed: [] };
    this.#frames.set(frame, open);
    return open;
  }

  /** Renames cells in all frames that are here; those that come later take the moves then. Once in a transaction. */
  move(moves: readonly CellMove[]): void {
    this.guard.need(...moves.flatMap(({ cell, to }) => [cell, to]));
    for (const frame of this.store.frames()) this.moveIn(frame, moves);
    this.store.facts.move(moves);
    this.#moves = moves;
  }

  /** The same in one frame, or in some of its tiles, without saying so. */
  moveIn(frame: FrameLabels, moves: readonly CellMove[], only?: ReadonlySet<TileKey>): void {
    const names = namesIn(moves, frame.t);
    if (names.size === 0) return;
    if (!only) frame.known?.rename(names);
    const { tiles, renamed } = this.#frames.get(frame) ?? this.#open(frame);
    this.seal();
    renamed.push(names);
    const keys = new Set([...names.keys()].flatMap((cell) => frame.tilesOf(cell)));
    for (const key of keys) {
      const tile = frame.tile(key);
      if (!tile || (only && !only.has(key))) continue;
      if (!tiles.has(key)) tiles.set(key, { tile, before: tile.content });
      const content = renameContent(tile.content, names);
      frame.reindex(key, tile.content, content);
      tile.replace(content);
      tile.isEdited = true;
      this.store.onChange(frame.t, frame.z, key, wholeTile(tile));
    }
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
    const pixels = [...this.#frames].flatMap(([frame, open]) => pixelChanges(frame, open));
    finish(pixels);
    const cells = this.#factChanges();
    const moves = this.#moves;
    if (pixels.length === 0 && cells.length === 0 && moves.length === 0) return null;
    for (const frame of this.#frames.keys()) frame.touched = true;
    this.store.version++;
    return { id, tool, pixels, cells, ...(moves.length > 0 && { moves }) };
  }

  #factChanges(): CellChange[] {
    const all = [...this.#factsBefore].map(([cell, before]) => ({ cell, before, after: this.store.facts.get(cell) }));
    return all.filter((c) => !sameFacts(c.before, c.after)).sort((a, b) => a.cell - b.cell);
  }

  /** As if nothing had happened. */
  cancel(): void {
    for (const [frame, { tiles }] of this.#frames) {
      frame.known?.rename(namesIn(turned(this.#moves), frame.t));
      for (const [key, { tile, before }] of tiles) {
        frame.reindex(key, tile.content, before);
        tile.replace(before);
        this.store.onChange(frame.t, frame.z, key, wholeTile(tile));
      }
    }
    this.store.facts.move(turned(this.#moves));
    for (const [cell, facts] of this.#factsBefore) this.store.facts.set(cell, facts);
  }
}

function pixelChanges(frame: FrameLabels, { tiles, renamed }: OpenFrame): PixelChange[] {
  const lines = new Map<number, Lines>();
  for (const { tile, before } of tiles.values()) {
    for (const change of contentChanges(renamed.reduce(renameContent, before), tile.content)) {
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
