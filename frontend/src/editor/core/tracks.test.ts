/** Tracks against a twin that knows no numbers: objects seen in frames, and links between them. */
import { describe, expect, test } from "vitest";
import { applyExactly } from "./apply";
import { NO_FACTS, compose, invert } from "./edit";
import type { Edit } from "./edit";
import { parseEdit, editToJson } from "./edit-json";
import { rangesOf } from "./frame-ranges";
import { LabelSession } from "./label-session";
import { LabelStore } from "./label-store";
import { cellsMoved, turned } from "./moves";
import { changeFacts } from "./operations";
import { nextId, seeded } from "./testing";
import { divide, fuse, link, mergeTracks, reassign, swapFrom, unlink } from "./tracks";
import { Transaction } from "./transaction";

const [FRAMES, OBJECTS] = [8, 5];

interface Movie {
  readonly store: LabelStore;
  readonly session: LabelSession;
  take(): number;
}

/** Object n is a row of its own in every frame from `born` to `dies`, drawn as cell n + 1. */
function movie(spans: readonly (readonly [number, number])[] = Array.from({ length: OBJECTS }, () => [0, FRAMES - 1])): Movie {
  const store = new LabelStore({ t: FRAMES, z: 1, height: 2 * spans.length, width: 4 });
  for (let t = 0; t < FRAMES; t++) store.setFrame(t, 0, { head: 0, tiles: [] });
  const tx = new Transaction(store);
  spans.forEach(([born, dies], n) => {
    tx.setFacts(n + 1, NO_FACTS);
    for (let t = born; t <= dies; t++) tx.on(t, 0).paint(n + 1, "overlap", 2 * n, 0, 3);
  });
  tx.commit(nextId(), "draw");
  let next = 100;
  return { store, session: new LabelSession(store, nextId), take: () => ++next };
}

const cellAt = ({ store }: Movie, t: number, n: number): number => store.frame(t, 0)?.cellsAt(1, 2 * n)[0] ?? 0;

type Links = Map<string, string>;

/** "t/object" → the "t/object" before it: of the same number, or the mother's last. */
function linksOf(one: Movie): Links {
  const links: Links = new Map();
  const seen = new Map<number, string>();
  for (let t = 0; t < FRAMES; t++) {
    for (let n = 0; n < OBJECTS; n++) {
      const cell = cellAt(one, t, n);
      if (cell === 0) continue;
      const mother = one.store.facts.get(cell)?.mother;
      const before = seen.get(cell) ?? (mother == null ? undefined : lastOf(one, mother));
      if (before !== undefined) links.set(`${t}/${n}`, before);
      seen.set(cell, `${t}/${n}`);
    }
  }
  return links;
}

function lastOf(one: Movie, cell: number): string | undefined {
  for (let t = FRAMES - 1; t >= 0; t--) for (let n = 0; n < OBJECTS; n++) if (cellAt(one, t, n) === cell) return `${t}/${n}`;
  return undefined;
}

const drawnOf = ({ store }: Movie): unknown => [...store.frames()].map((frame) => frame.cellIds().map((cell) => [cell, frame.runsOf(cell)]));
const stateOf = (one: Movie): unknown => [drawnOf(one), one.store.facts.entries()];

/** One operation on both, at places drawn by chance; null where it makes no sense. */
function step(one: Movie, twin: Links, random: () => number): Edit | null {
  const pick = (n: number): number => Math.floor(random() * n);
  const [t, a, b] = [1 + pick(FRAMES - 1), pick(OBJECTS), pick(OBJECTS)];
  const [here, other] = [cellAt(one, t, a), cellAt(one, t, b)];
  const run = (write: (tx: Transaction) => void): Edit | null => one.session.run("track", write);
  const isBefore = (cell: number): boolean => one.store.framesOf(cell)[0] < t;
  const kind = pick(4);
  if (kind === 0) {
    if (!isBefore(here) && one.store.facts.get(here)?.mother == null) return null;
    const edit = run((tx) => unlink(tx, here, t, one.take));
    twin.delete(`${t}/${a}`);
    return edit;
  }
  if (a === b || here === other) return null;
  if (kind === 1) {
    if (!isBefore(here) || !isBefore(other)) return null;
    const [ofA, ofB] = [twin.get(`${t}/${a}`), twin.get(`${t}/${b}`)];
    twin.set(`${t}/${a}`, ofB ?? "").set(`${t}/${b}`, ofA ?? "");
    return run((tx) => swapFrom(tx, here, other, t));
  }
  if (kind === 2) {
    if (!isBefore(other)) return null;
    const [before, followed] = [lastBefore(one, other, t), `${t}/${b}`];
    twin.set(`${t}/${a}`, before);
    if (twin.get(followed) === before) twin.delete(followed);
    return run((tx) => link(tx, here, other, t, one.take));
  }
  if (!isBefore(here)) return null;
  twin.set(`${t}/${b}`, lastBefore(one, here, t));
  return run((tx) => divide(tx, here, [other], t, one.take));
}

function lastBefore(one: Movie, cell: number, t: number): string {
  for (let at = t - 1; at >= 0; at--) for (let n = 0; n < OBJECTS; n++) if (cellAt(one, at, n) === cell) return `${at}/${n}`;
  throw new Error("no pixel before");
}

describe("T1 T2 T3 tracks equal operations on a graph of links", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("seed %i: link, unlink, swap, divide; undone all, redone all", (seed) => {
    const [one, random] = [movie(), seeded(seed)];
    const twin = linksOf(one);
    const begin = stateOf(one);
    let [steps, bytes] = [0, 0];
    for (let i = 0; i < 60; i++) {
      const edit = step(one, twin, random);
      if (!edit) continue;
      steps++;
      bytes = Math.max(bytes, JSON.stringify(editToJson(edit)).length);
      expect(edit.pixels).toEqual([]);
      expect(parseEdit(editToJson(edit))).toEqual(edit);
      expect([...linksOf(one)].sort()).toEqual([...twin].sort());
    }
    expect(steps).toBeGreaterThan(20);
    const end = stateOf(one);
    for (let i = 0; i < steps; i++) one.session.undo();
    expect(stateOf(one)).toEqual(begin);
    for (let i = 0; i < steps; i++) one.session.redo();
    expect(stateOf(one)).toEqual(end);
    expect(bytes).toBeLessThan(6000);
  });
});

const open = (one: Movie) => (write: (tx: Transaction) => void) => one.session.run("track", write);

describe("T1 T2 one by one", () => {
  test("a cut takes the daughters, the fusion and the ending along", () => {
    const one = movie([[0, 5], [6, 7], [0, 3]]);
    const run = open(one);
    run((tx) => tx.setFacts(2, { ...NO_FACTS, mother: 1 }));
    run((tx) => fuse(tx, [3], 1));
    run((tx) => unlink(tx, 1, 2, one.take));
    expect(one.store.facts.get(2)?.mother).toBe(101);
    expect(one.store.facts.get(3)?.merged_into).toBe(101);
    run((tx) => tx.setFacts(101, { ...NO_FACTS, ending: "death" }));
    run((tx) => unlink(tx, 101, 4, one.take));
    expect([101, 102].map((cell) => one.store.facts.get(cell)?.ending)).toEqual([null, "death"]);
    expect([2, 3].map((cell) => [one.store.facts.get(cell)?.mother, one.store.facts.get(cell)?.merged_into])).toEqual([[102, null], [null, 102]]);
  });

  test("a daughter stays with the part of her mother that is there before she begins", () => {
    const one = movie([[0, FRAMES - 1], [3, FRAMES - 1]]);
    one.session.run("facts", (tx) => tx.setFacts(2, { ...NO_FACTS, mother: 1 }));
    one.session.run("track", (tx) => unlink(tx, 1, 5, one.take));
    expect(one.store.facts.get(2)?.mother).toBe(1);
    const later = one.session.run("track", (tx) => unlink(tx, 1, 2, one.take));
    expect(one.store.facts.get(2)?.mother).toBe(102);
    expect(later?.cells.map(({ cell }) => cell)).toEqual([2, 102]);
  });

  test("a mother that begins after her daughter is refused with both frames", () => {
    const one = movie([[4, FRAMES - 1], [3, FRAMES - 1]]);
    expect(() => one.session.run("facts", (tx) => changeFacts(tx, [2], { mother: 1 }))).toThrow("Cell 2 begins in frame 3, before cell 1, which begins in frame 4");
    expect(one.session.run("facts", (tx) => changeFacts(tx, [1], { mother: 2 }))).not.toBeNull();
  });

  test("tracks that follow each other are merged over the gap, which stays; others are refused by frame", () => {
    const one = movie([[0, 2], [4, 7], [2, 7]]);
    const edit = open(one)((tx) => mergeTracks(tx, 1, [2]));
    expect(edit?.moves).toEqual([{ cell: 2, to: 1, first: 4, last: 7 }]);
    expect([one.store.framesOf(1), one.store.facts.has(2)]).toEqual([[0, 1, 2, 4, 5, 6, 7], false]);
    expect(() => open(one)((tx) => mergeTracks(tx, 1, [3]))).toThrow("both in frames 2 to 7");
  });

  test.each([["frame", [3]], ["past", [0, 1, 2, 3]], ["future", [3, 4, 5, 6, 7]], ["everywhere", [0, 1, 2, 3, 4, 5, 6, 7]]] as const)("re-assign over %s", (scope, frames) => {
    const one = movie();
    open(one)((tx) => reassign(tx, 1, "new", scope, 3, one.take));
    expect(one.store.framesOf(101)).toEqual(frames);
    expect(() => open(one)((tx) => reassign(tx, 101, 2, "frame", 3, one.take))).toThrow("Cell 2 has pixels of its own in frame 3");
  });

  test("any number of daughters; the mother who is still there is one of them", () => {
    const one = movie([[0, 7], [4, 7], [4, 7], [0, 7]]);
    open(one)((tx) => divide(tx, 1, [2, 3, 4], 4, one.take));
    const daughters = one.store.facts.daughtersOf(1);
    expect(daughters).toEqual([2, 3, 101, 102]);
    expect([1, 4, 101, 102].map((cell) => one.store.framesOf(cell))).toEqual([[0, 1, 2, 3], [0, 1, 2, 3], [4, 5, 6, 7], [4, 5, 6, 7]]);
  });

  test("locked cells are neither moved nor moved onto, and a refusal leaves everything as it was", () => {
    const one = movie();
    open(one)((tx) => tx.setFacts(2, { ...NO_FACTS, locked: true }));
    one.session.hand = { birth: NO_FACTS, lockedClasses: new Set() };
    const before = stateOf(one);
    expect(() => open(one)((tx) => swapFrom(tx, 1, 2, 3))).toThrow("locked");
    expect(stateOf(one)).toEqual(before);
  });
});

describe("moves and frames that are not here", () => {
  const frameOf = (cell: number, head: number) => {
    const one = movie([[0, 0]]);
    const tx = new Transaction(one.store);
    tx.setFacts(cell, NO_FACTS);
    if (cell !== 1) tx.moveIn(one.store.frame(0, 0)!, [{ cell: 1, to: cell, first: 0, last: 0 }]);
    tx.commit("x", "x");
    return { ...one.store.frame(0, 0)!.asFrame(), head };
  };

  function longMovie() {
    const store = new LabelStore({ t: 100, z: 1, height: 2, width: 4 });
    store.facts.load([{ cell: 1, facts: NO_FACTS, first_t: 0, last_t: 99, gaps: [[50, 59]] }, { cell: 2, facts: NO_FACTS, first_t: 50, last_t: 59 }]);
    store.setFrame(10, 0, frameOf(1, 5));
    return { store, session: new LabelSession(store, nextId) };
  }

  test("a frame that comes later takes the unsaved move, one that has it already does not", () => {
    const { store, session } = longMovie();
    const edit = session.run("unlink", (tx) => unlink(tx, 1, 10, () => 7));
    expect(store.frame(10, 0)?.cellIds()).toEqual([7]);
    session.openFrame(20, 0, frameOf(1, 5));
    expect(store.frame(20, 0)?.cellIds()).toEqual([7]);
    session.landed([edit!], 6);
    session.openFrame(21, 0, frameOf(7, 6));
    session.openFrame(22, 0, frameOf(1, 5));
    session.openFrame(5, 0, frameOf(1, 5));
    expect([21, 22, 5].map((t) => store.frame(t, 0)?.cellIds())).toEqual([[7], [7], [1]]);
    expect([store.framesOf(1).length, store.framesOf(7).length]).toEqual([10, 80]);
  });

  test("a swap is not laid twice over a frame that has it", () => {
    const { store, session } = longMovie();
    const edit = session.run("swap", (tx) => swapFrom(tx, 1, 2, 40));
    session.landed([edit!], 6);
    session.openFrame(45, 0, frameOf(2, 6));
    expect(store.frame(45, 0)?.cellIds()).toEqual([2]);
    expect(store.framesOf(2)).toEqual([...Array(10).keys()].map((i) => 40 + i).concat([...Array(40).keys()].map((i) => 60 + i)));
  });

  test("gaps are known without reading a frame: the other track fills them", () => {
    const { store, session } = longMovie();
    const edit = session.run("merge", (tx) => mergeTracks(tx, 1, [2]));
    expect(edit?.moves).toEqual([{ cell: 2, to: 1, first: 50, last: 59 }]);
    expect([store.framesOf(1).length, store.facts.has(2)]).toEqual([100, false]);
    session.undo();
    expect([store.framesOf(1).length, store.framesOf(2).length]).toEqual([90, 10]);
  });

  test("another person's move reaches loaded frames, and those read before it was made", () => {
    const { store, session } = longMovie();
    session.applyEdit({ id: nextId(), tool: "track", pixels: [], cells: [{ cell: 9, before: null, after: NO_FACTS }], moves: [{ cell: 1, to: 9, first: 5, last: 99 }] }, 8);
    session.openFrame(30, 0, frameOf(1, 7));
    session.openFrame(31, 0, frameOf(9, 8));
    expect([10, 30, 31].map((t) => store.frame(t, 0)?.cellIds())).toEqual([[9], [9], [9]]);
  });

  test("the server's tile takes the pending move again", () => {
    const { store, session } = longMovie();
    const edit = session.run("unlink", (tx) => unlink(tx, 1, 10, () => 7));
    const pending = session.applyFrame({ t: 10, z: 0, frame: frameOf(1, 9), complete: false, pending: [edit!] });
    expect(store.frame(10, 0)?.cellIds()).toEqual([7]);
    expect(pending).toEqual([edit]);
  });
});

test("composed moves do what both do, and a move with its inverse is nothing", () => {
  const swap: Edit = { id: nextId(), tool: "x", pixels: [], cells: [], moves: [{ cell: 1, to: 2, first: 2, last: 7 }, { cell: 2, to: 1, first: 2, last: 7 }] };
  const cut: Edit = { ...swap, moves: [{ cell: 1, to: 9, first: 4, last: 7 }] };
  const [one, other] = [movie(), movie()];
  for (const { store } of [one, other]) store.facts.set(9, NO_FACTS);
  for (const edit of [swap, cut]) apply(one, edit);
  apply(other, compose(swap, cut));
  expect(drawnOf(other)).toEqual(drawnOf(one));
  expect(compose(swap, invert(swap)).moves).toBeUndefined();
  expect(cellsMoved(turned(cut.moves ?? []))).toEqual([9, 1]);
  expect(rangesOf(0, 9, [[3, 4]])).toEqual([0, 2, 5, 9]);
});

function apply({ store }: Movie, edit: Edit): void {
  const tx = new Transaction(store);
  applyExactly(tx, edit);
  tx.commit(edit.id, edit.tool);
}
