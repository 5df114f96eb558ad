/** Whole-cell operations. Each writes through a transaction; nothing here knows of tools or screens. */
import { NO_FACTS } from "./edit";
import type { CellFacts, PixelChange } from "./edit";
import { flood } from "./flood";
import type { FrameLabels } from "./frame-labels";
import type { WriteMode } from "./frame-writer";
import { holesOf } from "./mask";
import { Refused } from "./refused";
import type { Transaction } from "./transaction";

export { Refused };

/** A flood over open background would fill the slide. */
const MOST_FILL_PX = 2 ** 22;

/** Cells that end within this gesture, and the cell that takes over their daughters. */
export type Heirs = ReadonlyMap<number, number>;

export function mergeCells(tx: Transaction, frames: readonly FrameLabels[], into: number, from: readonly number[]): void {
  for (const frame of frames) {
    for (const cell of from) moveCell(tx, frame, cell, into);
  }
}

function moveCell(tx: Transaction, frame: FrameLabels, cell: number, into: number): void {
  const runs = frame.runsOf(cell);
  if (runs.length === 0 || cell === into) return;
  const writer = tx.on(frame.t, frame.z);
  writer.eraseRuns(cell, runs);
  writer.paintRuns(into, "overlap", runs);
}

export function deleteCells(tx: Transaction, frames: readonly FrameLabels[], cells: readonly number[]): void {
  for (const frame of frames) {
    for (const cell of cells) tx.on(frame.t, frame.z).eraseRuns(cell, frame.runsOf(cell));
  }
}

export function swapCells(tx: Transaction, frames: readonly FrameLabels[], a: number, b: number): void {
  for (const frame of frames) {
    const [ofA, ofB] = [frame.runsOf(a), frame.runsOf(b)];
    const writer = tx.on(frame.t, frame.z);
    writer.eraseRuns(a, ofA);
    writer.eraseRuns(b, ofB);
    writer.paintRuns(b, "overlap", ofA);
    writer.paintRuns(a, "overlap", ofB);
  }
}

export function fillHoles(tx: Transaction, frame: FrameLabels, cell: number, mode: WriteMode): void {
  tx.seal();
  tx.on(frame.t, frame.z).paintRuns(cell, mode, holesOf(frame.runsOf(cell)));
}

/**
 * A click with the fill tool: on the cell itself its holes; on free ground the region bounded by labels; on another
 * cell its connected part, by write mode.
 */
export function fillAt(tx: Transaction, frame: FrameLabels, x: number, y: number, cell: number, mode: WriteMode): void {
  const here = frame.cellsAt(x, y);
  if (here.includes(cell)) {
    fillHoles(tx, frame, cell, mode);
    return;
  }
  const other = here[0] ?? 0;
  if (other !== 0 && mode === "keep") {
    throw new Refused(`This pixel belongs to cell ${other}, and the write mode keeps other cells; choose overwrite or overlap.`);
  }
  const region = flood(frame, x, y, other, { most_px: MOST_FILL_PX });
  tx.ensure(cell);
  tx.on(frame.t, frame.z).paintRuns(cell, mode, region);
}

export function changeFacts(tx: Transaction, cells: readonly number[], facts: Partial<CellFacts>): void {
  for (const cell of cells) {
    const before = tx.store.facts.get(cell);
    if (before === null) throw new Refused(`Cell ${cell} does not exist yet; draw it first.`);
    if (facts.mother === cell) throw new Refused(`Cell ${cell} cannot be its own mother.`);
    tx.setFacts(cell, { ...before, ...facts });
  }
}

/** A new id for the same object keeps what is said of it. */
export function copyFacts(tx: Transaction, from: number, to: number): void {
  if (tx.store.facts.has(to)) return;
  tx.setFacts(to, { ...(tx.store.facts.get(from) ?? NO_FACTS), quality: null });
}

/**
 * What follows from a person's gesture: a model's quality no longer holds for a cell that was drawn on, and a cell
 * with no pixel left anywhere ends. `named` may end too although they had no pixel here.
 */
export function settleFacts(
  tx: Transaction, pixels: readonly PixelChange[], heirs: Heirs = new Map(), named: readonly number[] = [],
): void {
  const touched = new Set(pixels.map((p) => p.cell));
  for (const cell of [...touched, ...named]) {
    const facts = tx.store.facts.get(cell);
    if (facts === null) continue;
    if (hasEnded(tx, cell, pixels)) endCell(tx, cell, heirs.get(cell) ?? null);
    else if (touched.has(cell) && facts.quality !== null) tx.setFacts(cell, { ...facts, quality: null });
  }
}

function hasEnded(tx: Transaction, cell: number, pixels: readonly PixelChange[]): boolean {
  for (const frame of tx.store.frames()) if (frame.has(cell)) return false;
  const place = pixels.find((p) => p.cell === cell);
  return !tx.store.mayLiveElsewhere(cell, place?.t ?? -1, place?.z ?? -1);
}

function endCell(tx: Transaction, cell: number, heir: number | null): void {
  for (const daughter of tx.store.facts.daughtersOf(cell)) {
    const facts = tx.store.facts.get(daughter);
    if (facts) tx.setFacts(daughter, { ...facts, mother: heir === daughter ? null : heir });
  }
  tx.setFacts(cell, null);
}
