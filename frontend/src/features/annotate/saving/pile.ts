import type { Edit } from "@/editor";

/** Edits that travel together. The id stays the same through every retry, so a repeat is harmless. */
export interface Batch {
  readonly batchId: string;
  /** Newest revision that was on the screen when the first of these edits was drawn. */
  readonly base: number;
  readonly edits: readonly Edit[];
  readonly onConflict: "REFUSE" | "KEEP_MINE";
}

/** One cell in one frame that somebody else changed meanwhile. */
export interface Collision {
  readonly cell: number;
  /** Null when it is about facts (class, mother), which have no frame. */
  readonly t: number | null;
  readonly z: number | null;
  readonly other_cell: number | null;
  /** Id of our edit that collided. */
  readonly edit: string;
}

/** Edits that wait for a person's decision; nothing leaves this list by itself. */
export interface Held {
  readonly base: number;
  readonly edits: readonly Edit[];
  readonly collisions: readonly Collision[];
}

/** Everything drawn on one branch that the server has not yet acknowledged, in the order of drawing. */
export interface Pile {
  readonly id: string;
  readonly branch: string;
  /** Who drew this: another person who signs in on the same browser does not send it. */
  readonly author?: string;
  /** Newest revision contained in the picture. */
  readonly base: number;
  /** Batches already numbered for sending, first in line first; only the first is ever on its way. */
  readonly flights: readonly Batch[];
  readonly waiting: readonly Edit[];
  readonly held: Held | null;
}

export function emptyPile(id: string, branch: string, base: number, author?: string): Pile {
  return { id, branch, author, base, flights: [], waiting: [], held: null };
}

/** Number of edits the server does not have yet, those that wait for a decision included. */
export function countUnsaved(pile: Pile): number {
  return unsentEdits(pile).length;
}

export function isSettled(pile: Pile): boolean {
  return countUnsaved(pile) === 0;
}

/** A new edit joins the end. One that builds on a held cell is held too: sent alone it would make no sense. */
export function join(pile: Pile, edit: Edit): Pile {
  if (pile.held && touches(edit, cellsOf(pile.held.edits))) {
    return { ...pile, held: { ...pile.held, edits: [...pile.held.edits, edit] } };
  }
  return { ...pile, waiting: [...pile.waiting, edit] };
}

/** What several visits left behind, in one line: each batch keeps the base that it was drawn on. */
export function merge(first: Pile, second: Pile, newId: () => string): Pile {
  return {
    ...first,
    base: Math.min(first.base, second.base),
    flights: [first, second].flatMap((pile) => [...pile.flights, ...waitingAsFlight(pile, newId)]),
    waiting: [],
    held: first.held && second.held ? mergeHeld(first.held, second.held) : (first.held ?? second.held),
  };
}

const waitingAsFlight = ({ base, waiting }: Pile, newId: () => string): Batch[] =>
  waiting.length === 0 ? [] : [{ batchId: newId(), base, edits: waiting, onConflict: "REFUSE" }];

const mergeHeld = (a: Held, b: Held): Held => ({
  base: Math.min(a.base, b.base),
  edits: [...a.edits, ...b.edits],
  collisions: [...a.collisions, ...b.collisions],
});

/** Half of what the server takes in one revision. */
const MOST_EDITS = 1_000;
const MOST_RUNS = 1_000_000;

/** Waiting edits take off as one batch, unless a batch is still in line: that one is sent again as it is. */
export function takeOff(pile: Pile, batchId: string): Pile {
  if (pile.flights.length > 0 || pile.waiting.length === 0) return pile;
  const seats = seatsOf(pile.waiting);
  const batch: Batch = { batchId, base: pile.base, edits: pile.waiting.slice(0, seats), onConflict: "REFUSE" };
  return { ...pile, flights: [batch], waiting: pile.waiting.slice(seats) };
}

/** How many of the first edits fit into one batch; at least one. */
function seatsOf(edits: readonly Edit[]): number {
  let [seats, runs] = [0, 0];
  while (seats < Math.min(edits.length, MOST_EDITS)) {
    runs += runsIn(edits[seats]);
    if (runs > MOST_RUNS && seats > 0) break;
    seats++;
  }
  return seats;
}

const runsIn = (edit: Edit | undefined): number => (edit?.pixels ?? []).reduce((sum, { add, remove }) => sum + (add.length + remove.length) / 3, 0);

/** The server has the first flight. Our own revision is by definition in our picture: the base moves up to it. */
export function land(pile: Pile, number: number): Pile {
  return { ...pile, flights: pile.flights.slice(1), base: Math.max(pile.base, number) };
}

/** Revisions up to `number` are now in the picture. Edits drawn before they came keep the older base. */
export function seeRemote(pile: Pile, number: number): Pile {
  const drawnBefore = pile.flights.length > 0 || pile.waiting.length > 0;
  return drawnBefore ? pile : { ...pile, base: Math.max(pile.base, number) };
}

/** Waiting edits as they read on a newer base: made exact against it, those that have become empty left out. */
export function rebase(pile: Pile, base: number, unsent: readonly Edit[]): Pile {
  const waiting = new Set(pile.waiting.map((edit) => edit.id));
  return { ...pile, base: Math.max(pile.base, base), waiting: unsent.filter((edit) => waiting.has(edit.id)) };
}

/** All edits the server does not have, in the order of drawing. */
export function unsentEdits(pile: Pile): Edit[] {
  return [...(pile.held?.edits ?? []), ...pile.flights.flatMap((batch) => batch.edits), ...pile.waiting];
}

/**
 * The first flight collided: the edits named, and all later ones that build on their cells, wait for a decision; the
 * rest go again, first in line, as an ordinary batch from the same base.
 */
export function hold(pile: Pile, collisions: readonly Collision[]): Pile {
  const [flight, ...others] = pile.flights;
  if (!flight) return pile;
  const named = new Set(collisions.map((collision) => collision.edit));
  const { stays, goes } = splitByDependence([...flight.edits, ...pile.waiting], (edit) => named.has(edit.id));
  const held: Held = {
    base: pile.held?.base ?? flight.base,
    edits: [...(pile.held?.edits ?? []), ...stays],
    collisions: [...(pile.held?.collisions ?? []), ...collisions],
  };
  return { ...pile, flights: others, waiting: goes, held: stays.length > 0 ? held : pile.held };
}

/** The person keeps their own: the held edits join the line, told to win over what came between. */
export function keepMine(pile: Pile, batchId: string): Pile {
  if (!pile.held) return pile;
  const { base, edits } = pile.held;
  const batch: Batch = { batchId, base, edits, onConflict: "KEEP_MINE" };
  return { ...pile, held: null, flights: [...pile.flights, batch] };
}

/** The server refuses the first flight for good and the person has agreed to let it go. */
export function dropFirst(pile: Pile): Pile {
  return { ...pile, flights: pile.flights.slice(1) };
}

/** The person takes the other's version: the held edits are dropped. The caller shows the frame anew. */
export function takeTheirs(pile: Pile): Pile {
  return { ...pile, held: null };
}

function splitByDependence(edits: readonly Edit[], isRoot: (edit: Edit) => boolean) {
  const cells = new Set<number>();
  const stays: Edit[] = [];
  const goes: Edit[] = [];
  for (const edit of edits) {
    if (!isRoot(edit) && !touches(edit, cells)) {
      goes.push(edit);
      continue;
    }
    stays.push(edit);
    cellsOf([edit]).forEach((cell) => cells.add(cell));
  }
  return { stays, goes };
}

/** Every cell whose pixels or facts these edits change. */
export function cellsOf(edits: readonly Edit[]): Set<number> {
  const cells = new Set<number>();
  for (const edit of edits) {
    edit.pixels.forEach((change) => cells.add(change.cell));
    edit.cells.forEach((change) => cells.add(change.cell));
    edit.moves?.forEach(({ cell, to }) => cells.add(cell).add(to));
  }
  return cells;
}

/** Whether two sets of edits touch a cell in common. */
export function meet(some: readonly Edit[], others: readonly Edit[]): boolean {
  const cells = cellsOf(others);
  return cells.size > 0 && some.some((edit) => touches(edit, cells));
}

function touches(edit: Edit, cells: ReadonlySet<number>): boolean {
  for (const cell of cellsOf([edit])) if (cells.has(cell)) return true;
  return false;
}
