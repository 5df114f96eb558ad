/**
 * Strokes that wait were drawn under the names of a picture in which own earlier edits stand as they were drawn. When
 * the server has put those on top of others' moves, the same objects are called otherwise: the waiting strokes are put
 * into the names that hold now, by the rule of the server (annotation/core/following.py).
 */
import type { Edit } from "@/editor";

type Moves = NonNullable<Edit["moves"]>;

/** An own edit as it was drawn, and as it stands in the chain of what happened, at `at`. */
interface OwnStep {
  readonly mine: Moves;
  readonly followed: Moves;
  readonly at: number;
}

const NONE: Moves = [];

const covers = (t: number) => (move: Moves[number]): boolean => move.first <= t && t <= move.last;

const renamed = (moves: Moves, cell: number, t: number): number => moves.find((move) => move.cell === cell && covers(t)(move))?.to ?? cell;

/**
 * `landed` are own edits as they were drawn, `log` what the server has since the base, these among others' in the form
 * that they have there. `bornAt` answers in which frame a cell begins.
 */
export function followNames(waiting: readonly Edit[], landed: readonly Edit[], log: readonly Edit[], bornAt: (cell: number) => number | undefined): Edit[] {
  const own = new Map(landed.map((edit) => [edit.id, edit]));
  const firstOwn = log.findIndex(({ id }) => own.has(id));
  const before = log.slice(0, Math.max(firstOwn, 0)).map(({ moves }) => moves ?? NONE);
  const chain = log.slice(Math.max(firstOwn, 0)).map(({ moves }) => moves ?? NONE);
  const steps: OwnStep[] = log.slice(Math.max(firstOwn, 0)).flatMap(({ id, moves }, at) => {
    const mine = own.get(id)?.moves;
    return mine ? [{ mine, followed: moves ?? NONE, at }] : [];
  });
  const nameAt = (cell: number, t: number): number => {
    const { name, from } = atTheBase(steps, before, cell, t);
    return chain.slice(from).reduce((now, moves) => renamed(moves, now, t), name);
  };
  return waiting.map((edit) => {
    const moves = edit.moves?.map((move) => followMove(move, nameAt));
    const next: Edit = { ...edit, pixels: edit.pixels.map((p) => ({ ...p, cell: nameAt(p.cell, p.t) })), ...(moves && { moves }) };
    if (edit.moves) {
      steps.push({ mine: edit.moves, followed: moves ?? NONE, at: chain.length });
      chain.push(moves ?? NONE);
    }
    return { ...next, cells: edit.cells.map((change) => ({ ...change, after: withMother(change.after, bornAt(change.cell), nameAt) })) };
  });
}

/** Own moves undone; then others' made. A name that an own move left bare is what it left bare on the server. */
function atTheBase(steps: readonly OwnStep[], before: readonly Moves[], cell: number, t: number): { name: number; from: number } {
  let now = cell;
  for (const { mine, followed, at } of [...steps].reverse()) {
    const source = mine.find((move) => move.to === now && covers(t)(move));
    const bare = mine.findIndex((move) => move.cell === now && covers(t)(move));
    if (source) now = source.cell;
    else if (bare >= 0) return { name: followed[bare]?.cell ?? now, from: at + 1 };
  }
  return { name: before.reduce((name, moves) => renamed(moves, name, t), now), from: 0 };
}

/** The cell is named as where its range begins, the name that it gets as just before; from the first frame on, at the other end. */
function followMove(move: Moves[number], nameAt: (cell: number, t: number) => number): Moves[number] {
  const [here, beside] = move.first > 0 ? [move.first, move.first - 1] : [move.last, move.last + 1];
  return { ...move, cell: nameAt(move.cell, here), to: nameAt(move.to, beside) };
}

type Facts = Edit["cells"][number]["after"];

function withMother(facts: Facts, born: number | undefined, nameAt: (cell: number, t: number) => number): Facts {
  if (facts === null || facts.mother === null || born === undefined) return facts;
  return { ...facts, mother: nameAt(facts.mother, born - 1) };
}
