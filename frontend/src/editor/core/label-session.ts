/** One person at work on one document: gestures become edits, edits can be taken back, others' work is laid under. */
import { applyTolerantly } from "./apply";
import { invert, isEmptyEdit } from "./edit";
import type { Edit, EditParameters } from "./edit";
import type { CellRecord } from "./fact-table";
import type { Frame } from "./frame";
import type { FrameLabels } from "./frame-labels";
import { tileKey, tileKeysIn } from "./geometry";
import type { CellMove } from "./moves";
import { FREE_HAND, needOpen } from "./guard";
import type { Hand } from "./guard";
import type { Point, Rect, TileKey, TileRange } from "./geometry";
import { TILE_PX } from "./geometry";
import { History } from "./history";
import type { LabelStore } from "./label-store";
import { settleFacts } from "./operations";
import type { Heirs } from "./operations";
import { Stroke } from "./stroke";
import type { Pen } from "./stroke";
import { joinPixels, splitByTiles } from "./pixel-parts";
import { EMPTY_CONTENT } from "./tile-content";
import { Transaction } from "./transaction";

interface OpenStroke {
  tx: Transaction;
  readonly stroke: Stroke;
  readonly t: number;
  readonly z: number;
  readonly tool: string;
}

export interface FrameChange {
  readonly t: number;
  readonly z: number;
  readonly frame: Frame;
  readonly complete: boolean;
  readonly pending: readonly Edit[];
}

/** Of one's own edits only the moves: what one draws is drawn on frames that are here. */
interface Lacking {
  readonly edit: Edit;
  /** The revision that has it; undefined while the server has it not. */
  number: number | undefined;
}

export class LabelSession {
  readonly history: History;
  /** How the hand is set: what it leaves alone, what it makes. */
  hand: Hand = FREE_HAND;
  #open: OpenStroke | null = null;
  /** Edits that frames read later may not contain yet, in order. */
  readonly #lacking: Lacking[] = [];

  constructor(
    readonly store: LabelStore,
    /** Makes a uuid. */
    private readonly newId: () => string,
    history: readonly Edit[] = [],
  ) {
    this.history = new History(history);
  }

  get isDrawing(): boolean {
    return this.#open !== null;
  }

  // ------------------------------------------------------------ gestures

  beginStroke(t: number, z: number, pen: Pen, at: Point, share = 1): void {
    this.cancel();
    const tx = new Transaction(this.store, this.hand);
    if (pen.kind === "brush") tx.ensure(pen.cell);
    this.#open = { tx, stroke: new Stroke(tx.on(t, z), pen, at, share), t, z, tool: pen.kind };
  }

  extendStroke(points: readonly Point[], share = 1): void {
    this.#open?.stroke.extend(points, share);
  }

  /** Null when no pixel changed: then no cell was made either. */
  endStroke(): Edit | null {
    const open = this.#open;
    if (!open) return null;
    this.#open = null;
    return this.#commit(open.tx, open.tool, () => open.stroke.end());
  }

  cancel(): void {
    this.#open?.tx.cancel();
    this.#open = null;
  }

  /** A gesture of one step. What it throws leaves the labels as they were. */
  run(tool: string, write: (tx: Transaction) => void, heirs?: Heirs, named?: readonly number[]): Edit | null {
    this.cancel();
    return this.#commit(new Transaction(this.store, this.hand), tool, write, heirs, named);
  }

  #commit(tx: Transaction, tool: string, write: (tx: Transaction) => void, heirs?: Heirs, named?: readonly number[]): Edit | null {
    try {
      write(tx);
      const edit = tx.commit(this.newId(), tool, (pixels) => settleFacts(tx, pixels, heirs, named));
      if (edit) this.history.push(edit);
      this.#lack(edit);
      return edit;
    } catch (error) {
      tx.cancel();
      throw error;
    }
  }

  /** What changes no label and is said all the same, as that a link is right: it is in the log, and can be taken back. */
  say(tool: string, parameters: EditParameters): Edit {
    this.cancel();
    const edit: Edit = { id: this.newId(), tool, pixels: [], cells: [], parameters };
    this.history.push(edit);
    return edit;
  }

  // ------------------------------------------------------------ history

  /** Answers the edit that really took the last one back: what others did since stays. */
  undo(): Edit | null {
    this.cancel();
    const last = this.history.lastDone();
    if (!last) return null;
    needOpen(this.store.facts, invert(last));
    const edit = this.#takeBack(last, "undo");
    this.history.moveToUndone(edit);
    return edit;
  }

  redo(): Edit | null {
    this.cancel();
    const last = this.history.lastUndone();
    if (!last) return null;
    needOpen(this.store.facts, invert(last));
    const edit = this.#takeBack(last, "redo");
    this.history.moveToDone(edit);
    return edit;
  }

  /** Names what it takes back, so that the steps can be read from the log on another day. */
  #takeBack(last: Edit, tool: "undo" | "redo"): Edit | null {
    if (isEmptyEdit(last)) return { id: this.newId(), tool, pixels: [], cells: [], undoes: last.id, ...(last.parameters && { parameters: last.parameters }) };
    const edit = this.#lay(invert(last), tool);
    this.#lack(edit);
    return edit && { ...edit, undoes: last.id };
  }

  #lay(edit: Edit, tool: string): Edit | null {
    const tx = new Transaction(this.store);
    applyTolerantly(tx, edit);
    return tx.commit(this.newId(), tool);
  }

  // ------------------------------------------------------------ others

  /** Labels of a frame have come. Edits that waited for it are laid over it. */
  openFrame(t: number, z: number, frame: Frame): void {
    this.#layLacking(this.store.setFrame(t, z, frame), frame.head);
  }

  /** An own edit with moves: frames that are read before the server has it take them when they come. */
  #lack(edit: Edit | null): void {
    if (edit?.moves) this.#lacking.push({ edit: { ...edit, pixels: [], cells: [] }, number: undefined });
  }

  #layLacking(frame: FrameLabels, head: number, only?: ReadonlySet<TileKey>): void {
    const { t, z } = frame;
    for (const { edit, number } of this.#lacking) {
      if (number !== undefined && number <= head) continue;
      const pixels = edit.pixels.filter((p) => p.t === t && p.z === z);
      const tx = new Transaction(this.store);
      if (edit.moves) tx.moveIn(frame, edit.moves, only);
      if (pixels.length > 0) applyTolerantly(tx, { ...edit, pixels, cells: [], moves: undefined });
      tx.commit(edit.id, edit.tool);
    }
  }

  /** The server has numbered own edits; `changed`: they read as in its log now, for they followed others' moves. */
  landed(edits: readonly Edit[], number: number, changed = false): void {
    const ids = new Set(edits.map((edit) => edit.id));
    for (const lacking of this.#lacking) if (ids.has(lacking.edit.id)) lacking.number = number;
    if (changed) for (const edit of edits) this.history.replace(edit);
  }

  /** Labels of some tiles have come. */
  openTiles(t: number, z: number, range: TileRange, frame: Frame): void {
    this.#beneathStroke(() => {
      const labels = this.store.frame(t, z);
      const fresh = new Set(tileKeysIn(range).filter((key) => labels?.knows(key) === false));
      labels?.layTiles(range, frame);
      this.store.version++;
      if (labels) this.#layLacking(labels, frame.head, fresh);
    });
  }

  /** An edit without a number is not yet in what the server sends: frames read later get it too. */
  applyEdit(edit: Edit, number?: number): void {
    const isUnread = number === undefined && edit.pixels.some((p) => !this.store.frame(p.t, p.z)?.isWhole);
    if (isUnread || edit.moves) this.#lacking.push({ edit: isUnread ? edit : { ...edit, pixels: [] }, number });
    for (const p of edit.pixels) if (p.add.length > 0 && !this.store.frame(p.t, p.z)) this.store.facts.sayIn(p.cell, p.t);
    this.#beneathStroke(() => {
      this.#lay(edit, edit.tool);
      for (const p of edit.pixels) {
        const frame = this.store.frame(p.t, p.z);
        if (frame && number !== undefined) frame.head = Math.max(frame.head, number);
      }
    });
  }

  /** Replaces tiles by the server's and lays own pending edits over them again; answers these, exact now. */
  applyFrame(change: FrameChange): Edit[] {
    const rebased: Edit[] = [];
    this.#beneathStroke(() => {
      const replaced = this.#replaceTiles(change);
      for (const edit of change.pending) rebased.push(this.#rebase(edit, change, replaced));
    });
    for (const edit of rebased) this.history.replace(edit);
    // What was only said is still to be sent.
    return rebased.filter((edit, i) => !isEmptyEdit(edit) || isEmptyEdit(change.pending[i]));
  }

  /** Facts as the server has them, own pending changes over them. */
  applyFacts(cells: readonly CellRecord[], pending: readonly Edit[]): void {
    this.#beneathStroke(() => {
      this.store.facts.reload(cells);
      for (const edit of pending) {
        for (const change of edit.cells) this.store.facts.set(change.cell, change.after);
        if (edit.moves) this.store.facts.move(edit.moves);
      }
      this.store.version++;
    });
  }

  /** Answers the tiles whose content is now the server's. */
  #replaceTiles({ t, z, frame, complete }: FrameChange): ReadonlySet<TileKey> {
    const labels = this.store.frame(t, z);
    const fresh = new Map(frame.tiles.map((tile) => [tileKey(tile.ty, tile.tx), tile]));
    const keys = new Set(fresh.keys());
    if (!labels) {
      if (complete) this.openFrame(t, z, frame);
      return keys;
    }
    if (complete) for (const [key] of labels.tiles()) keys.add(key);
    for (const key of keys) {
      const tile = fresh.get(key);
      labels.replaceTile(key, tile?.content ?? EMPTY_CONTENT, tile?.revision ?? frame.head);
      this.store.onChange(t, z, key, rectOfTile(key));
    }
    labels.head = Math.max(labels.head, frame.head);
    this.store.version++;
    return keys;
  }

  /**
   * Only where tiles were replaced can the edit have become another: elsewhere its pixels are laid already and stay as
   * they were drawn. Facts are kept as they are.
   */
  #rebase(edit: Edit, { t, z }: FrameChange, replaced: ReadonlySet<TileKey>): Edit {
    const here = edit.pixels.filter((p) => p.t === t && p.z === z);
    const frame = this.store.frame(t, z);
    if (!frame) return edit;
    if (edit.moves) this.#moveAgain(frame, edit.moves, replaced);
    if (here.length === 0) return edit;
    const parts = here.map((change) => splitByTiles(change, replaced));
    const tx = new Transaction(this.store);
    applyTolerantly(tx, { ...edit, pixels: parts.map(({ inside }) => inside), cells: [], moves: undefined });
    const laid = new Map(tx.commit(edit.id, edit.tool)?.pixels.map((change) => [change.cell, change]));
    const now = parts.map(({ outside }) => joinPixels(outside, laid.get(outside.cell)));
    const elsewhere = edit.pixels.filter((p) => p.t !== t || p.z !== z);
    return { ...edit, pixels: [...elsewhere, ...now.filter((p) => p.add.length > 0 || p.remove.length > 0)] };
  }

  #moveAgain(frame: FrameLabels, moves: readonly CellMove[], replaced: ReadonlySet<TileKey>): void {
    const tx = new Transaction(this.store);
    tx.moveIn(frame, moves, replaced);
    tx.commit("", "");
  }

  /** Lifts a stroke that is under way, changes what lies below, and puts it down again. */
  #beneathStroke(change: () => void): void {
    const open = this.#open;
    if (!open) {
      change();
      return;
    }
    const drawn = open.tx.commit("", open.tool);
    open.tx.cancel();
    change();
    open.tx = new Transaction(this.store, this.hand);
    if (drawn?.pixels.some(({ cell }) => open.tx.guard.isLocked(cell))) {
      this.#open = null; // what was being drawn has just been locked
      return;
    }
    if (drawn) applyTolerantly(open.tx, drawn);
    open.stroke.moveTo(open.tx.on(open.t, open.z));
  }
}

function rectOfTile(key: TileKey): Rect {
  const [y0, x0] = [Math.floor(key / 65536) * TILE_PX, (key % 65536) * TILE_PX];
  return { x0, y0, x1: x0 + TILE_PX, y1: y0 + TILE_PX };
}
