/** Whole-cell operations. Each writes through a transaction; nothing here knows of tools or screens. */
import { tidied } from "./cell-labels";
import type { CellFacts, PixelChange } from "./edit";
import { NO_FACTS } from "./edit";
import type { FactTable } from "./fact-table";
import type { FrameLabels } from "./frame-labels";
import type { WriteMode } from "./frame-writer";
import { Refused } from "./refused";
import { bridgesOf, reshapeCell } from "./reshaping";
import type { TimeScope } from "./scope";
import type { Transaction } from "./transaction";

export { Refused };

/** Cells that end within this gesture, and the cell that takes over their daughters. */
export type Heirs = ReadonlyMap<number, number>;

export interface MergeOptions {
  readonly fillsHoles?: boolean;
  /** Gaps between the parts up to so wide are closed. */
  readonly bridge_px?: number;
  /** How holes and bridges meet other cells. */
  readonly mode?: WriteMode;
}

/** Gives the pixels of `from` to `into`. All must be masks of the same channel, none locked. */
export function mergeCells(tx: Transaction, frames: readonly FrameLabels[], into: number, from: readonly number[], options: MergeOptions = {}): void {
  const others = from.filter((cell) => cell !== into && tx.store.facts.has(cell));
  tx.guard.need(into, ...others);
  needSameChannel(tx, [into, ...others]);
  for (const frame of frames) moveCells(tx, frame, others, into);
  if (!options.fillsHoles && !options.bridge_px) return;
  tx.seal();
  for (const frame of frames) joinParts(tx, frame, into, options);
}

function joinParts(tx: Transaction, frame: FrameLabels, cell: number, { fillsHoles, bridge_px = 0, mode = "keep" }: MergeOptions): void {
  const bridges = bridgesOf(frame.runsOf(cell), bridge_px, frame);
  if (bridges.length > 0) {
    tx.on(frame.t, frame.z).paintRuns(cell, mode, bridges);
    tx.seal();
  }
  if (fillsHoles) reshapeCell(tx, frame, cell, { kind: "fill-holes" }, mode);
}

function moveCells(tx: Transaction, frame: FrameLabels, cells: readonly number[], into: number): void {
  const writer = tx.on(frame.t, frame.z);
  for (const cell of cells) {
    const runs = frame.runsOf(cell);
    writer.eraseRuns(cell, runs);
    writer.paintRuns(into, "overlap", runs);
  }
}

export function needSameChannel(tx: Transaction, cells: readonly number[]): void {
  const [first, ...others] = cells;
  const odd = others.find((cell) => tx.guard.channelOf(cell) !== tx.guard.channelOf(first));
  if (odd !== undefined) throw new Refused(`Cells ${first} and ${odd} are masks of different channels, and these do not touch each other.`);
}

export function deleteCells(tx: Transaction, frames: readonly FrameLabels[], cells: readonly number[]): void {
  tx.guard.need(...cells);
  for (const frame of frames) {
    const writer = tx.on(frame.t, frame.z);
    for (const cell of cells) writer.eraseRuns(cell, frame.runsOf(cell));
  }
}

/**
 * Exchanges the ids of two cells in these frames. What is said of them goes along as far as it belongs there: with all
 * frames everything, with the past the mothers, with the future the daughters.
 */
export function swapCells(tx: Transaction, frames: readonly FrameLabels[], a: number, b: number, scope: TimeScope = "frame", t = 0): void {
  tx.guard.need(a, b);
  needSameChannel(tx, [a, b]);
  for (const frame of frames) swapPixels(tx, frame, a, b);
  if (a !== b && tx.store.facts.has(a) && tx.store.facts.has(b)) swapLineage(tx, a, b, coversAll(tx, frames, [a, b]) ? "everywhere" : scope, t);
}

function swapPixels(tx: Transaction, frame: FrameLabels, a: number, b: number): void {
  const [ofA, ofB] = [frame.runsOf(a), frame.runsOf(b)];
  const writer = tx.on(frame.t, frame.z);
  writer.eraseRuns(a, ofA);
  writer.eraseRuns(b, ofB);
  writer.paintRuns(b, "overlap", ofA);
  writer.paintRuns(a, "overlap", ofB);
}

/** No pixel of these cells lies outside the frames. */
function coversAll(tx: Transaction, frames: readonly FrameLabels[], cells: readonly number[]): boolean {
  if (frames.length === tx.store.size.t * tx.store.size.z) return true;
  if (frames.length !== 1) return false;
  return cells.every((cell) => !tx.store.mayLiveElsewhere(cell, frames[0].t, frames[0].z));
}

function swapLineage(tx: Transaction, a: number, b: number, scope: TimeScope, t: number): void {
  const { facts } = tx.store;
  const [ofA, ofB] = [facts.get(a) ?? NO_FACTS, facts.get(b) ?? NO_FACTS];
  const renamed = (cell: number | null): number | null => (cell === a ? b : cell === b ? a : cell);
  const daughters = scope === "everywhere" || scope === "future" ? [facts.daughtersOf(a), facts.daughtersOf(b)].flat().filter((d) => d !== a && d !== b) : [];
  if (scope === "everywhere") {
    tx.setFacts(a, { ...ofB, mother: renamed(ofB.mother) });
    tx.setFacts(b, { ...ofA, mother: renamed(ofA.mother) });
  } else if (scope === "past" && ofA.mother !== b && ofB.mother !== a) {
    tx.setFacts(a, { ...ofA, mother: ofB.mother });
    tx.setFacts(b, { ...ofB, mother: ofA.mother });
  }
  for (const daughter of daughters) {
    const known = facts.get(daughter);
    const later = scope === "everywhere" || (facts.extent(daughter)?.first_t ?? Infinity) >= t;
    if (known && later) tx.setFacts(daughter, { ...known, mother: renamed(known.mother) });
  }
}

/**
 * Gives a cell's pixels in these frames to another id. A new id keeps what is said of the cell: the part with the
 * beginning has the mother, the part with the end the daughters.
 */
export function reassignCell(tx: Transaction, frames: readonly FrameLabels[], cell: number, to: number, scope: TimeScope = "frame"): void {
  if (cell === to) throw new Refused(`Cell ${cell} has this number already.`);
  const facts = tx.store.facts.get(cell);
  if (facts === null) throw new Refused(`Cell ${cell} does not exist; draw it first.`);
  const whole = scope === "everywhere" || coversAll(tx, frames, [cell]);
  if (!tx.store.facts.has(to)) {
    const mother = whole || scope === "past" ? facts.mother : null;
    tx.setFacts(to, { ...facts, mother, quality: null, locked: false });
    if (!whole && scope === "past" && facts.mother !== null) tx.setFacts(cell, { ...facts, mother: null });
    if (!whole && scope === "future") adoptDaughters(tx, cell, to);
  }
  mergeCells(tx, frames, to, [cell]);
}

function adoptDaughters(tx: Transaction, from: number, to: number): void {
  for (const daughter of tx.store.facts.daughtersOf(from)) {
    const facts = tx.store.facts.get(daughter);
    if (facts && daughter !== to) tx.setFacts(daughter, { ...facts, mother: to });
  }
}

export function fillHoles(tx: Transaction, frame: FrameLabels, cell: number, mode: WriteMode): void {
  tx.seal();
  reshapeCell(tx, frame, cell, { kind: "fill-holes" }, mode);
}

/** Copies cells into another frame under the same ids; answers how many pixels were written there. */
export function copyCells(tx: Transaction, from: FrameLabels, to: FrameLabels, cells: readonly number[], options: { readonly mode: WriteMode; readonly overwrites: boolean }): number {
  tx.guard.need(...cells);
  const there = cells.filter((cell) => to.has(cell));
  if (there.length > 0 && !options.overwrites) throw new Refused(`Cell ${there[0]} already has pixels in frame t ${to.t}, z ${to.z}; delete it there, or let copies replace what is there.`);
  const writer = tx.on(to.t, to.z);
  let written = 0;
  for (const cell of cells) {
    writer.eraseRuns(cell, to.runsOf(cell));
    written += writer.paintRuns(cell, options.mode, from.runsOf(cell));
  }
  return written;
}

export function changeFacts(tx: Transaction, cells: readonly number[], facts: Partial<CellFacts>): void {
  if (facts.locked !== false) tx.guard.need(...cells);
  for (const cell of cells) {
    const before = tx.store.facts.get(cell);
    if (before === null) throw new Refused(`Cell ${cell} does not exist yet; draw it first.`);
    if (facts.mother === cell) throw new Refused(`Cell ${cell} cannot be its own mother.`);
    if (facts.mother != null) needEarlier(tx, facts.mother, cell);
    tx.setFacts(cell, { ...before, ...facts });
  }
}

/** Each cell's facts as `say` makes them of what they are; nothing else is touched. */
export function sayOfCells(tx: Transaction, cells: readonly number[], say: (facts: CellFacts) => CellFacts): void {
  tx.guard.need(...cells);
  for (const cell of cells) {
    const before = tx.store.facts.get(cell);
    if (before === null) throw new Refused(`Cell ${cell} does not exist yet; draw it first.`);
    tx.setFacts(cell, say(before));
  }
}

/** A mother is there before her daughter. */
function needEarlier({ store }: Transaction, mother: number, daughter: number): void {
  const [begins, born] = [store.framesOf(mother)[0], store.framesOf(daughter)[0]];
  if (begins !== undefined && born !== undefined && begins > born) {
    throw new Refused(`Cell ${daughter} begins in frame ${born}, before cell ${mother}, which begins in frame ${begins}: a mother is there before her daughter.`);
  }
}

/**
 * What follows from a person's gesture: a model's quality no longer holds for a cell that was drawn on, and a cell
 * with no pixel left anywhere ends. `named` may end too although they had no pixel here.
 */
export function settleFacts(
  tx: Transaction, pixels: readonly PixelChange[], heirs: Heirs = new Map(), named: readonly number[] = [],
): void {
  const places = new Map(pixels.map((p) => [p.cell, p]));
  for (const cell of new Set([...places.keys(), ...named])) {
    const facts = tx.store.facts.get(cell);
    if (facts === null) continue;
    if (hasEnded(tx, cell, places.get(cell))) endCell(tx, cell, heirs.get(cell) ?? null);
    else if (places.has(cell) && facts.quality !== null) tx.setFacts(cell, { ...facts, quality: null });
  }
}

function hasEnded(tx: Transaction, cell: number, place: PixelChange | undefined): boolean {
  for (const frame of tx.store.frames()) if (frame.has(cell)) return false;
  return !tx.store.mayLiveElsewhere(cell, place?.t ?? -1, place?.z ?? -1);
}

function endCell(tx: Transaction, cell: number, heir: number | null): void {
  const facts = tx.store.facts.get(cell);
  for (const daughter of tx.store.facts.daughtersOf(cell)) {
    const known = tx.store.facts.get(daughter);
    if (known) tx.setFacts(daughter, { ...known, mother: heir === daughter || heir === null || descends(tx.store.facts, heir, daughter) ? null : heir });
  }
  if (facts !== null && heir !== null) inherit(tx, heir, facts);
  tx.setFacts(cell, null);
}

/** What nobody has said of the heir is taken over from the cell that ended in it. */
function inherit(tx: Transaction, heir: number, from: CellFacts): void {
  const facts = tx.store.facts.get(heir);
  if (facts === null) return;
  const adopts = facts.mother === null && from.mother !== null && from.mother !== heir && !descends(tx.store.facts, from.mother, heir);
  const said = facts.class === null ? { class: from.class, also: from.also } : {};
  const attributes = { ...from.attributes, ...facts.attributes };
  tx.setFacts(heir, tidied({ ...facts, ...said, attributes, mother: adopts ? from.mother : facts.mother }));
}

/** Whether `cell` is `ancestor` or comes after it: a mother from there would close a ring. */
function descends(facts: FactTable, cell: number, ancestor: number): boolean {
  const seen = new Set<number>();
  for (let at: number | null = cell; at !== null && !seen.has(at); at = facts.get(at)?.mother ?? null) {
    if (at === ancestor) return true;
    seen.add(at);
  }
  return false;
}
