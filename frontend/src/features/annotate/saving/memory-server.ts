/* eslint-disable no-restricted-imports -- saving and the label core are tested together, without a screen */
/** The server as annotation/services/labels.py has it, in memory. Used by tests only. */
import type { Edit, Frame, FrameRequest } from "@/editor";
import { InexactEdit, applyExactly } from "@/editor/core/apply";
import type { CellChange, PixelChange } from "@/editor/core/edit";
import { sameFacts } from "@/editor/core/edit";
import { tileKey } from "@/editor/core/geometry";
import { LabelStore } from "@/editor/core/label-store";
import { intersection, lineOfRuns } from "@/editor/core/runs";
import { EMPTY_FRAME } from "@/editor/core/testing";
import { Transaction } from "@/editor/core/transaction";
import type { News, SendResult } from "./autosave";
import type { Batch, Collision } from "./pile";

export const SIZE = { t: 2, z: 1, height: 24, width: 40 };

export const emptyStore = (): LabelStore => {
  const store = new LabelStore(SIZE);
  for (let t = 0; t < SIZE.t; t++) store.setFrame(t, 0, EMPTY_FRAME);
  return store;
};

export interface Logged {
  readonly number: number;
  readonly edit: Edit;
}

export class MemoryServer {
  readonly store = emptyStore();
  readonly log: Logged[] = [];
  readonly news: News[] = [];
  head = 0;
  readonly #answers = new Map<string, SendResult>();
  readonly #tileNumbers = new Map<string, number>();

  commit(batch: Batch): SendResult {
    const seen = this.#answers.get(batch.batchId);
    if (seen) return seen;
    const newer = this.log.filter(({ number }) => number > batch.base).map(({ edit }) => edit);
    const collisions = batch.base === this.head || batch.onConflict === "KEEP_MINE" ? [] : collisionsOf(batch.edits, newer);
    if (collisions.length > 0) return { kind: "stale", head: this.head, collisions };
    const applied = this.#apply(batch);
    if (!applied) return { kind: "stale", head: batch.base, collisions: everyPlaceOf(batch.edits) };
    const answer: SendResult = { kind: "saved", number: ++this.head, rebased: batch.base !== this.head - 1 };
    this.#answers.set(batch.batchId, answer);
    for (const edit of applied) this.#write(edit);
    this.news.push({ number: this.head, previous: this.head - 1, edits: applied });
    return answer;
  }

  /** Null, and nothing changed, when an edit does not fit. */
  #apply(batch: Batch): Edit[] | null {
    const outer = new Transaction(this.store);
    const made: Edit[] = [];
    for (const edit of batch.edits) {
      const tx = new Transaction(this.store);
      try {
        if (batch.base === this.head) applyExactly(tx, edit);
        else applyOver(tx, edit);
        const real = tx.commit(edit.id, edit.tool) ?? { ...edit, pixels: [], cells: [] };
        made.push(edit.undoes === undefined ? real : { ...real, undoes: edit.undoes });
        if (deletedWithPixels(this.store, edit)) throw new InexactEdit("pixels are left");
      } catch (error) {
        if (!(error instanceof InexactEdit)) throw error;
        tx.cancel();
        for (const earlier of made.toReversed()) takeBack(this.store, earlier);
        outer.cancel();
        return null;
      }
    }
    return made;
  }

  #write(edit: Edit): void {
    this.log.push({ number: this.head, edit });
    for (const { t, z } of edit.pixels) this.#tileNumbers.set(`${t}/${z}`, this.head);
  }

  frame({ t, z, since }: FrameRequest): Frame {
    const number = this.#tileNumbers.get(`${t}/${z}`) ?? 0;
    const tile = this.store.frame(t, z)?.tile(tileKey(0, 0));
    const tiles = tile && (since === undefined || number > since) ? [{ ty: 0, tx: 0, revision: number, content: tile.content }] : [];
    return { head: this.head, tiles };
  }
}

function applyOver(tx: Transaction, edit: Edit): void {
  for (const { cell, after } of edit.cells) if (after !== null) tx.setFacts(cell, after);
  for (const { t, z, cell, add, remove } of edit.pixels) {
    if (add.length > 0) tx.ensure(cell);
    tx.on(t, z).eraseRuns(cell, remove);
    tx.on(t, z).paintRuns(cell, "overlap", add);
  }
  tx.seal();
  for (const { cell, after } of edit.cells) {
    if (after === null && ![...tx.store.frames()].some((frame) => frame.has(cell))) tx.setFacts(cell, null);
  }
}

function takeBack(store: LabelStore, edit: Edit): void {
  const tx = new Transaction(store);
  for (const { cell, before } of edit.cells) if (before !== null) tx.setFacts(cell, before);
  for (const { t, z, cell, add, remove } of edit.pixels) {
    tx.on(t, z).eraseRuns(cell, add);
    tx.on(t, z).paintRuns(cell, "overlap", remove);
  }
  for (const { cell, before } of edit.cells) if (before === null) tx.setFacts(cell, null);
  tx.commit("", "back");
}

const deletedWithPixels = (store: LabelStore, edit: Edit): boolean =>
  edit.cells.some(({ cell }) => !store.facts.has(cell) && [...store.frames()].some((frame) => frame.has(cell)));

const everyPlaceOf = (edits: readonly Edit[]): Collision[] =>
  edits.flatMap((edit) => [...edit.pixels, ...edit.cells].map(({ cell }) => ({ cell, t: null, z: null, other_cell: null, edit: edit.id })));

function collisionsOf(stale: readonly Edit[], newer: readonly Edit[]): Collision[] {
  const [pixels, facts] = [newer.flatMap((edit) => edit.pixels), newer.flatMap((edit) => edit.cells)];
  return stale.flatMap((edit) => [
    ...edit.pixels.filter((p) => pixels.some((q) => meetInFrame(p, q)) || facts.some((f) => f.cell === p.cell && isBirthOrDeath(f))),
    ...edit.cells.filter((c) => meetsFacts(c, pixels, facts)),
  ].map(({ cell }) => ({ cell, t: null, z: null, other_cell: null, edit: edit.id })));
}

const isBirthOrDeath = ({ before, after }: CellChange): boolean => (before === null) !== (after === null);

const meetInFrame = (p: PixelChange, q: PixelChange): boolean =>
  p.t === q.t && p.z === q.z && (p.cell === q.cell || intersection(lineOfRuns(p.add), lineOfRuns(q.add)).length > 0);

function meetsFacts(change: CellChange, pixels: readonly PixelChange[], facts: readonly CellChange[]): boolean {
  const theirs = facts.filter((fact) => fact.cell === change.cell);
  const differs = theirs.length > 0 && !(sameFacts(theirs[0].before, change.before) && sameFacts(theirs[theirs.length - 1].after, change.after));
  return differs || (isBirthOrDeath(change) && (theirs.length > 0 || pixels.some((p) => p.cell === change.cell)));
}
