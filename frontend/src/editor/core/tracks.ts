/**
 * Tracks: a cell that keeps its number from frame to frame is linked. Whatever moves a part of a track to another number
 * takes along what belongs to that part: the mother belongs to the first frame of a cell, fusion and ending to the last,
 * a daughter to the frame before she begins.
 */
import { tidied } from "./cell-labels";
import { NO_FACTS, sameFacts } from "./edit";
import type { CellFacts } from "./edit";
import { cellsMoved, inTheWay, joinMoves, nameIn, without } from "./moves";
import type { CellMove } from "./moves";
import { Refused } from "./refused";
import type { TimeScope } from "./scope";
import type { Transaction } from "./transaction";

/** Gives the number of a cell that nobody has. */
export type TakeId = () => number;

interface Ends {
  readonly first: number;
  readonly last: number;
}

/** What the editor knows of its frames, as of now; null: it has none. */
function endsOf({ store }: Transaction, cell: number): Ends | null {
  const frames = store.framesOf(cell);
  return frames.length === 0 ? null : { first: frames[0], last: frames[frames.length - 1] };
}

/** Makes the moves and lets every link follow. Refused where a cell would come upon one that stays. */
export function moveTracks(tx: Transaction, moves: readonly CellMove[]): void {
  needFree(tx, moves);
  const said = relinked(tx, moves);
  tx.move(moves);
  for (const [cell, facts] of said) {
    if (tx.store.facts.has(cell) && !sameFacts(tx.store.facts.get(cell), facts)) tx.setFacts(cell, facts);
  }
  for (const cell of cellsMoved(moves)) if (tx.store.facts.has(cell) && endsOf(tx, cell) === null) end(tx, cell);
}

function needFree({ store }: Transaction, moves: readonly CellMove[]): void {
  const met = new Map<number, number[]>();
  for (const { first, last } of moves) {
    for (let t = first; t <= last; t++) {
      for (const cell of inTheWay(moves, t)) if (store.isIn(cell, t)) met.set(cell, [...(met.get(cell) ?? []), t]);
    }
  }
  for (const [cell, frames] of met) throw new Refused(`Cell ${cell} has pixels of its own in ${framesInWords(frames)}; swap the two from there on, or cut one of them first.`);
}

const framesInWords = (frames: readonly number[]): string => {
  const [first, last] = [Math.min(...frames), Math.max(...frames)];
  return first === last ? `frame ${first}` : `frames ${first} to ${last}`;
};

/** Facts after the moves, of the cells moved and of those linked to them. */
function relinked(tx: Transaction, moves: readonly CellMove[]): Map<number, CellFacts> {
  const { facts } = tx.store;
  const moved = cellsMoved(moves);
  const ends = new Map(moved.map((cell) => [cell, endsOf(tx, cell)]));
  const said = new Map<number, CellFacts>();
  const of = (cell: number): CellFacts => said.get(cell) ?? facts.get(cell) ?? NO_FACTS;
  for (const cell of moved) said.set(cell, { ...of(cell), mother: null, merged_into: null, ending: null });
  const alive = moved.flatMap((cell) => (ends.get(cell) ? [{ cell, ends: ends.get(cell) as Ends, facts: facts.get(cell) ?? NO_FACTS }] : []));
  // The earliest beginning and the latest end that come under a name are those of the cell.
  const begins = new Map<number, number>();
  for (const one of [...alive].sort((a, b) => b.ends.first - a.ends.first)) {
    const name = nameIn(moves, one.cell, one.ends.first);
    begins.set(name, one.ends.first);
    said.set(name, { ...of(name), mother: one.facts.mother });
  }
  /** The part of a mother that is there just before her daughter begins; of one that is not there before, her last. */
  const motherOf = (mother: number, daughter: number): number => {
    const born = begins.get(daughter) ?? endsOf(tx, daughter)?.first ?? Infinity;
    return nameIn(moves, mother, tx.store.framesOf(mother).filter((t) => t < born).at(-1) ?? ends.get(mother)?.last ?? -1);
  };
  for (const one of [...alive].sort((a, b) => a.ends.last - b.ends.last)) {
    const name = nameIn(moves, one.cell, one.ends.last);
    said.set(name, { ...of(name), merged_into: one.facts.merged_into, ending: one.facts.ending });
  }
  for (const daughter of moved.flatMap((cell) => facts.daughtersOf(cell))) if (!said.has(daughter)) said.set(daughter, of(daughter));
  for (const one of moved.flatMap((cell) => facts.mergedInto(cell))) if (!said.has(one)) said.set(one, of(one));
  for (const [cell, known] of said) {
    const mother = known.mother === null ? null : motherOf(known.mother, cell);
    const heir = known.merged_into === null ? null : nameIn(moves, known.merged_into, (endsOf(tx, cell)?.last ?? -2) + 1);
    said.set(cell, { ...known, mother: mother === cell ? null : mother, merged_into: heir === cell ? null : heir });
  }
  return said;
}

/** A cell without pixels is nobody's mother and takes nobody up. */
function end(tx: Transaction, cell: number): void {
  const { facts } = tx.store;
  for (const daughter of facts.daughtersOf(cell)) tx.setFacts(daughter, { ...(facts.get(daughter) ?? NO_FACTS), mother: null });
  for (const one of facts.mergedInto(cell)) tx.setFacts(one, { ...(facts.get(one) ?? NO_FACTS), merged_into: null });
  tx.setFacts(cell, null);
}

const lastFrame = (tx: Transaction): number => tx.store.size.t - 1;

const from = (tx: Transaction, cell: number, to: number, t: number): CellMove => ({ cell, to, first: t, last: lastFrame(tx) });

/** A new number for a part of a cell: what people said it is, and its channel; nothing else is known yet. */
function makeLike(tx: Transaction, cell: number, id: number): number {
  const { class: of, channel, ignored, also, attributes, uncertain } = tx.store.facts.get(cell) ?? NO_FACTS;
  tx.setFacts(id, tidied({ ...NO_FACTS, class: of, channel, ignored, also, attributes, uncertain }));
  return id;
}

function needIn(tx: Transaction, cell: number, t: number): void {
  if (!tx.store.facts.has(cell)) throw new Refused(`Cell ${cell} does not exist; draw it first.`);
  if (!tx.store.isIn(cell, t)) throw new Refused(`Cell ${cell} has no pixel in frame ${t}.`);
}

const isBefore = (tx: Transaction, cell: number, t: number): boolean => (endsOf(tx, cell)?.first ?? Infinity) < t;
const isFrom = (tx: Transaction, cell: number, t: number): boolean => (endsOf(tx, cell)?.last ?? -1) >= t;

// ---------------------------------------------------------------- what a person does

/** The cell of frame t is the one that was `before`: it takes that number from here on. What followed under it becomes a track of its own. */
export function link(tx: Transaction, cell: number, before: number, t: number, take: TakeId): void {
  if (cell === before) throw new Refused(`Cell ${cell} is linked already: it has one number before and here.`);
  needIn(tx, cell, t);
  if (!isBefore(tx, before, t)) throw new Refused(`Cell ${before} has no pixel before frame ${t}; choose the cell of an earlier frame.`);
  const moves = [from(tx, cell, before, t)];
  if (isFrom(tx, before, t)) moves.push(from(tx, before, isBefore(tx, cell, t) ? makeLike(tx, before, take()) : cell, t));
  moveTracks(tx, moves);
}

/** From frame t on it is another cell. One that begins there only loses its mother. */
export function unlink(tx: Transaction, cell: number, t: number, take: TakeId): number {
  needIn(tx, cell, t);
  if (!isBefore(tx, cell, t)) {
    if (tx.store.facts.get(cell)?.mother == null) throw new Refused(`Cell ${cell} begins in this frame; there is no link to cut.`);
    removeMother(tx, [cell]);
    return cell;
  }
  const id = makeLike(tx, cell, take());
  moveTracks(tx, [from(tx, cell, id, t)]);
  return id;
}

/** Two cells exchange their numbers from frame t on, with everything that follows. */
export function swapFrom(tx: Transaction, a: number, b: number, t: number): void {
  if (a === b) throw new Refused("Select two cells to swap.");
  for (const cell of [a, b]) {
    if (!tx.store.facts.has(cell)) throw new Refused(`Cell ${cell} does not exist; draw it first.`);
  }
  if (!isFrom(tx, a, t) && !isFrom(tx, b, t)) throw new Refused(`Neither cell ${a} nor cell ${b} has pixels from frame ${t} on.`);
  moveTracks(tx, [from(tx, a, b, t), from(tx, b, a, t)]);
}

/**
 * Two cells exchange their numbers up to frame t, from it on, or in all frames, without a frame being read. In all frames
 * everything that is said of them goes along.
 */
export function swapIn(tx: Transaction, a: number, b: number, scope: Exclude<TimeScope, "frame">, t: number): void {
  const { facts } = tx.store;
  const [ofA, ofB] = [facts.get(a), facts.get(b)];
  if (a === b || !ofA || !ofB) return;
  const range = { first: scope === "future" ? t : 0, last: scope === "past" ? t : lastFrame(tx) };
  moveTracks(tx, [{ cell: a, to: b, ...range }, { cell: b, to: a, ...range }]);
  if (scope !== "everywhere") return;
  for (const [cell, of] of [[a, ofB], [b, ofA]] as const) {
    const now = facts.get(cell);
    if (now) tx.setFacts(cell, { ...of, mother: now.mother, merged_into: now.merged_into, ending: now.ending });
  }
}

/** Its pixels in these frames become those of another cell, or of a new one. */
export function reassign(tx: Transaction, cell: number, to: number | "new", scope: TimeScope, t: number, take: TakeId): number {
  if (!tx.store.facts.has(cell)) throw new Refused(`Cell ${cell} does not exist; draw it first.`);
  if (cell === to) throw new Refused(`Cell ${cell} has this number already.`);
  const first = scope === "frame" || scope === "future" ? t : 0;
  const last = scope === "frame" || scope === "past" ? t : lastFrame(tx);
  const frames = tx.store.framesOf(cell).filter((at) => first <= at && at <= last);
  if (frames.length === 0) throw new Refused(`Cell ${cell} has no pixel in these frames.`);
  const target = to === "new" ? makeLike(tx, cell, take()) : to;
  if (!tx.store.facts.has(target)) throw new Refused(`Cell ${target} does not exist; give a number that is in use, or a new one.`);
  // Where only the other one is, nothing is to be moved.
  const others = new Set(tx.store.framesOf(target).filter((at) => !frames.includes(at)));
  moveTracks(tx, joinMoves(without([{ cell, to: target, first, last }], others)));
  return target;
}

/** Several tracks, none of them in the same frame, become one. */
export function mergeTracks(tx: Transaction, into: number, others: readonly number[]): void {
  const known = [into, ...others].find((cell) => !tx.store.facts.has(cell));
  if (known !== undefined) throw new Refused(`Cell ${known} does not exist; draw it first.`);
  const taken = new Set(tx.store.framesOf(into));
  const moves: CellMove[] = [];
  for (const cell of others) {
    const frames = tx.store.framesOf(cell);
    const met = frames.filter((t) => taken.has(t));
    if (met.length > 0) throw new Refused(`Cells ${into} and ${cell} are both in ${framesInWords(met)}; tracks are merged where they follow each other.`);
    moves.push(...frames.map((t) => ({ cell, to: into, first: t, last: t })));
    frames.forEach((t) => taken.add(t));
  }
  moveTracks(tx, joinMoves(moves));
}

/**
 * In frame t the mother has become these daughters, any number of them; she herself is one where she still has pixels.
 * A daughter that was there before is cut: what came before keeps the old number. Answers the daughters' numbers.
 */
export function divide(tx: Transaction, mother: number, daughters: readonly number[], t: number, take: TakeId): number[] {
  if (!isBefore(tx, mother, t)) throw new Refused(`Cell ${mother} has no pixel before frame ${t}: a mother is there before her daughters.`);
  const named = [...new Set([...daughters, ...(isFrom(tx, mother, t) ? [mother] : [])])];
  if (named.length === 0) throw new Refused("Say which cells are the daughters: select them after their mother.");
  for (const cell of daughters) if (cell !== mother) needIn(tx, cell, t);
  const moves: CellMove[] = [];
  const made = named.map((cell) => {
    if (!isBefore(tx, cell, t)) return cell;
    const id = makeLike(tx, cell, take());
    moves.push(from(tx, cell, id, t));
    return id;
  });
  if (moves.length > 0) moveTracks(tx, moves);
  const { facts } = tx.store;
  for (const cell of made) tx.setFacts(cell, { ...(facts.get(cell) ?? NO_FACTS), mother });
  tx.setFacts(mother, { ...(facts.get(mother) ?? NO_FACTS), merged_into: null, ending: null });
  return made;
}

export function removeMother(tx: Transaction, cells: readonly number[]): void {
  tx.guard.need(...cells);
  for (const cell of cells) {
    const facts = tx.store.facts.get(cell);
    if (facts) tx.setFacts(cell, { ...facts, mother: null });
  }
}

/** These cells end in another one, or (null) do not. */
export function fuse(tx: Transaction, cells: readonly number[], into: number | null): void {
  tx.guard.need(...cells);
  if (into !== null && !tx.store.facts.has(into)) throw new Refused(`Cell ${into} does not exist; draw it first.`);
  for (const cell of cells) {
    const facts = tx.store.facts.get(cell);
    if (cell === into) throw new Refused(`Cell ${cell} cannot merge into itself.`);
    if (facts) tx.setFacts(cell, { ...facts, merged_into: into, ending: into === null ? facts.ending : null });
  }
}
