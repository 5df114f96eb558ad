/** Lays an edit over labels through a transaction. */
import type { CellChange, Edit, PixelChange } from "./edit";
import { sameFacts } from "./edit";
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
  const here = edit.pixels.filter((p) => tx.store.frame(p.t, p.z));
  for (const change of here) writePixels(tx, tx.store.facts.has(change.cell) ? change : { ...change, add: [] });
  const gone = edit.cells.filter((c) => c.after === null);
  if (gone.length > 0) deleteEmptied(tx, gone);
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
function deleteEmptied(tx: Transaction, gone: readonly CellChange[]): void {
  tx.seal();
  for (const { cell } of gone) {
    const lives = [...tx.store.frames()].some((frame) => frame.has(cell) || !frame.coversCell(cell));
    if (!lives) tx.setFacts(cell, null);
  }
}
