/** Lays an edit over labels through a transaction. */
import { sameFacts } from "./edit";
import type { CellChange, Edit, PixelChange } from "./edit";
import { inTheWay, without } from "./moves";
import { tilesOfRuns } from "./known-tiles";
import { areaOf } from "./runs";
import type { Transaction } from "./transaction";

/** An edit adds a pixel that was already in the cell, or removes one that was not, or expects other facts. */
export class InexactEdit extends Error {
  override readonly name = "InexactEdit";
}

/** Every word of the edit must hold; throws InexactEdit otherwise (then cancel the transaction). */
export function applyExactly(tx: Transaction, edit: Edit): void {
  for (const change of edit.cells) {
    if (!sameFacts(tx.store.facts.get(change.cell), change.before)) {
      throw new InexactEdit(`The facts of cell ${change.cell} are not what the edit expects.`);
    }
    if (change.after !== null) tx.setFacts(change.cell, change.after);
  }
  if (edit.moves) {
    const [t] = crowded(tx, edit);
    if (t !== undefined) throw new InexactEdit(`A cell is moved onto another that stays in frame ${t}.`);
    tx.move(edit.moves);
  }
  for (const change of edit.pixels) {
    if (writePixels(tx, change) !== areaOf(change.add) + areaOf(change.remove)) {
      throw new InexactEdit(`Pixels of cell ${change.cell} in frame t ${change.t}, z ${change.z} are not as the edit expects.`);
    }
  }
  for (const change of edit.cells) if (change.after === null) tx.setFacts(change.cell, null);
}

/**
 * What still makes sense is done, the rest is passed over: another person may have drawn since. Applying twice is
 * applying once. Frames that are not here are skipped.
 */
export function applyTolerantly(tx: Transaction, edit: Edit): void {
  for (const change of edit.cells) if (change.after !== null) applyFacts(tx, change);
  const moves = without(edit.moves ?? [], crowded(tx, edit)).filter(({ to }) => tx.store.facts.has(to));
  if (moves.length > 0) tx.move(moves);
  const here = edit.pixels.filter((p) => tx.store.frame(p.t, p.z));
  for (const change of here) writePixels(tx, tx.store.facts.has(change.cell) ? change : { ...change, add: [] });
  const gone = edit.cells.filter((c) => c.after === null);
  if (gone.length > 0) deleteEmptied(tx, gone, edit);
}

/** Frames in which a moved cell would come upon one that stays. */
function crowded(tx: Transaction, { moves = [] }: Edit): ReadonlySet<number> {
  const frames = new Set<number>();
  const { size } = tx.store;
  for (const { first, last } of moves) {
    for (let t = first; t <= Math.min(last, size.t - 1); t++) if (!frames.has(t) && inTheWay(moves, t).some((cell) => tx.store.isIn(cell, t))) frames.add(t);
  }
  return frames;
}

function writePixels(tx: Transaction, change: PixelChange): number {
  const writer = tx.on(change.t, change.z);
  const { known } = writer.frame;
  // Tiles that are not here come later, with what the server knows then.
  const { add, remove } = known ? { add: known.cut(change.add), remove: known.cut(change.remove) } : change;
  known?.say(change.cell, tilesOfRuns(change.add));
  return writer.eraseRuns(change.cell, remove) + writer.paintRuns(change.cell, "overlap", add);
}

/** A fact that somebody else has changed meanwhile stays as they left it. */
function applyFacts(tx: Transaction, change: CellChange): void {
  const now = tx.store.facts.get(change.cell);
  if (sameFacts(now, change.before)) tx.setFacts(change.cell, change.after);
}

/** A cell to which somebody else has added pixels lives on. */
function deleteEmptied(tx: Transaction, gone: readonly CellChange[], { moves = [] }: Edit): void {
  tx.seal();
  for (const { cell } of gone) {
    const elsewhere = moves.length > 0 && tx.store.framesOf(cell).length > 0;
    const lives = elsewhere || [...tx.store.frames()].some((frame) => frame.has(cell) || !frame.coversCell(cell));
    if (!lives) tx.setFacts(cell, null);
  }
}
