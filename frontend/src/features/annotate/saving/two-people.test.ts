/* eslint-disable no-restricted-imports -- saving and the label core are tested together here, without a screen */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Edit, Editor, FrameRequest, RemoteChange } from "@/editor";
import { digestOf } from "@/editor/core/digest";
import { isEmptyEdit } from "@/editor/core/edit";
import { LabelSession } from "@/editor/core/label-session";
import type { LabelStore } from "@/editor/core/label-store";
import { changeFacts, deleteCells, mergeCells } from "@/editor/core/operations";
import { Refused } from "@/editor/core/refused";
import { naiveOf, nextId, seeded } from "@/editor/core/testing";
import { catchUp } from "../document/catch-up";
import { showServer } from "../document/show-server";
import { createAutosave, type Autosave, type SendResult } from "./autosave";
import { MemoryServer, SIZE, emptyStore } from "./memory-server";
import { emptyPile, unsentEdits, type Batch } from "./pile";

const CLASSES = ["5f0c6f0e-3a6b-4c57-9f3c-0c9e3f1f7a11", "5f0c6f0e-3a6b-4c57-9f3c-0c9e3f1f7a12"];

// ---------------------------------------------------------------- a person at a page

let server = new MemoryServer();

vi.mock("../document/labels", () => ({
  readFrame: (_branch: string, _revision: undefined, request: FrameRequest) => later(() => server.frame(request)),
  readEditsAfter: (_branch: string, after: number) => later(() => server.log.filter(({ number }) => number > after)),
  readFacts: (_branch: string, cells: readonly number[]) =>
    later(() => new Map(cells.flatMap((cell) => (server.store.facts.has(cell) ? [[cell, server.store.facts.get(cell)]] : [])))),
}));
vi.mock("../queries", () => ({ readRevisions: () => Promise.resolve({ count: 0, results: [] }) }));

/** Reads on their way: they are answered when the story goes on. */
const reads: (() => void)[] = [];
const later = <T>(answer: () => T): Promise<T> => new Promise((resolve) => reads.push(() => resolve(answer())));

class Person {
  readonly session = new LabelSession(emptyStore(), nextId);
  readonly drawn = new Set<string>();
  readonly givenUp = new Set<string>();
  readonly emptied = new Set<string>();
  readonly autosave: Autosave;
  /** Requests on their way. */
  readonly line: (() => void)[] = [];
  online = true;
  heard = 0;
  decisions = 0;
  #nextCell: number;

  constructor(
    readonly name: string,
    firstCell: number,
    private readonly random: () => number,
  ) {
    this.#nextCell = firstCell;
    this.autosave = createAutosave(emptyPile(name, "main", 0), {
      send: (batch) => this.#send(batch),
      remember: () => Promise.resolve(),
      rememberNow: () => undefined,
      catchUp: async (base, unsent, landed) => {
        const seen = await catchUp(this.#page, base, unsent, landed);
        for (const { id } of unsent) if (!seen.unsent.some((edit) => edit.id === id)) this.emptied.add(id);
        return seen;
      },
      landed: (edits, number) => this.session.landed(edits, number),
      lay: (edits, number) => edits.filter(({ id }) => !this.drawn.has(id)).forEach((edit) => this.session.applyEdit(edit, number)),
      letGo: (edits) => {
        edits.forEach(({ id }) => this.givenUp.add(id));
        this.session.history.forget(new Set(edits.map(({ id }) => id)));
        return showServer(this.#page, edits);
      },
      newId: nextId,
      now: () => 0,
    });
  }

  /** What the page needs of the editor, without a screen. */
  get editor(): Editor {
    const applyRemote = (change: RemoteChange): readonly Edit[] => {
      if (change.kind === "frame") return this.session.applyFrame(change);
      if (change.kind === "edit") this.session.applyEdit(change.edit, change.number);
      return [];
    };
    const landed = (edits: readonly Edit[], number: number, changed?: boolean): void => this.session.landed(edits, number, changed);
    return { state: () => ({ t: 0, z: 0 }), applyRemote, landed, facts: (cell: number) => this.session.store.facts.get(cell) } as unknown as Editor;
  }

  get #page() {
    return { editor: this.editor, branch: "main", visited: new Set(["0/0", "1/0"]), unsent: () => unsentEdits(this.autosave.pile()) };
  }

  /** The line loses one request in ten, and one answer in ten. */
  #send(batch: Batch): Promise<SendResult> {
    if (!this.online) return Promise.resolve({ kind: "unreachable" });
    return new Promise((resolve) => {
      this.line.push(() => {
        const luck = this.random();
        if (luck < 0.1) return resolve({ kind: "unreachable" });
        const answer = server.commit(batch);
        resolve(luck < 0.2 ? { kind: "unreachable" } : answer);
      });
    });
  }

  gesture(): void {
    const { store } = this.session;
    const whole = (n: number): number => Math.floor(this.random() * n);
    const cells = store.facts.entries().map(([cell]) => cell);
    const some = cells[whole(cells.length)] ?? this.#nextCell++;
    const [t, y, x, n] = [whole(SIZE.t), whole(SIZE.height), whole(SIZE.width - 8), 1 + whole(8)];
    const mode = (["keep", "overlap", "overwrite"] as const)[whole(3)];
    const frame = store.frame(t, 0);
    const dice = this.random();
    if (!frame) throw new Error("no frame");
    try {
      if (dice < 0.55) {
        const cell = this.random() < 0.5 ? this.#nextCell++ : some;
        this.#made(this.session.run("brush", (tx) => (tx.ensure(cell), tx.on(t, 0).paint(cell, mode, y, x, x + n))));
      } else if (dice < 0.65) this.#made(this.session.run("eraser", (tx) => tx.on(t, 0).erase(some, y, 0, SIZE.width)));
      else if (dice < 0.72) this.#made(this.session.run("delete", (tx) => deleteCells(tx, [...store.frames()], [some])));
      else if (dice < 0.79) this.#made(this.session.run("merge", (tx) => mergeCells(tx, [frame], some, cells.slice(0, 2))));
      else if (dice < 0.86) this.#made(this.session.run("facts", (tx) => changeFacts(tx, [some], { class: CLASSES[whole(2)] ?? null })));
      else if (dice < 0.95) this.#made(this.session.undo());
      else this.#made(this.session.redo());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }

  /** A line of 30 px. */
  paint(cell: number, y: number): void {
    this.#made(this.session.run("brush", (tx) => (tx.ensure(cell), tx.on(0, 0).paint(cell, "overlap", y, 0, 30))));
  }

  undo(): void {
    this.#made(this.session.undo());
  }

  #made(edit: Edit | null): void {
    if (!edit || isEmptyEdit(edit)) return;
    this.drawn.add(edit.id);
    this.autosave.push(edit);
  }

  hearNext(): Promise<void> {
    const news = server.news[this.heard];
    if (!news) return Promise.resolve();
    this.heard++;
    return this.autosave.hear(this.random() < 0.3 ? { ...news, edits: null } : news);
  }

  async decide(): Promise<void> {
    if (this.autosave.state().kind !== "conflict") return;
    this.decisions++;
    if (this.random() < 0.5) return settled(this.autosave.keepMine(), this);
    await settled(this.autosave.takeTheirs(), this);
  }
}

const tick = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

/** Lets requests arrive until the promise has its answer. */
async function settled(work: Promise<void>, { line }: Person): Promise<void> {
  let done = false;
  void work.then(() => (done = true));
  for (await tick(); !done; await tick()) (line.shift() ?? reads.shift())?.();
}

async function act(person: Person, random: () => number): Promise<void> {
  const dice = random();
  if (dice < 0.5) person.gesture();
  else if (dice < 0.65) void person.autosave.flush();
  else if (dice < 0.75) person.line.shift()?.();
  else if (dice < 0.85) reads.shift()?.();
  else if (dice < 0.95) void person.hearNext();
  else await person.decide();
  await tick();
}

async function quiet(people: readonly Person[]): Promise<void> {
  const isBusy = (person: Person): boolean => person.autosave.state().kind !== "saved" || person.heard < server.news.length || person.line.length > 0;
  while (people.some(isBusy)) {
    for (const person of people) {
      await settled(person.autosave.flush(), person);
      await person.decide();
      await settled(person.hearNext(), person);
    }
  }
}

function expectNothingLost(people: readonly Person[]): void {
  const logged = new Set(server.log.map(({ edit }) => edit.id));
  for (const { drawn, givenUp, emptied } of people) {
    expect([...drawn].filter((id) => !logged.has(id) && !givenUp.has(id) && !emptied.has(id))).toEqual([]);
  }
}

const cellsTouchedBy = ({ drawn }: Person): Set<number> =>
  new Set(server.log.filter(({ edit }) => drawn.has(edit.id)).flatMap(({ edit }) => [...edit.pixels, ...edit.cells].map(({ cell }) => cell)));

const pixelsOf = (store: LabelStore): Map<string, string> =>
  new Map(
    [...store.frames()].flatMap((frame) => [...naiveOf(frame)].map(([cell, pixels]) => [`${cell} ${frame.t}`, [...pixels].sort((a, b) => a - b).join()] as const)),
  );

beforeAll(() => void vi.useFakeTimers());
afterAll(() => void vi.useRealTimers());

const WORLDS = 25;
const ROUNDS = 40;

test(`U3 two people, ${WORLDS * ROUNDS} interleavings: all see the same, no edit is lost, undoing mine keeps yours`, async () => {
  let [decisions, edits] = [0, 0];
  for (let world = 1; world <= WORLDS; world++) {
    server = new MemoryServer();
    const random = seeded(world);
    const people = [new Person("ana", 1, random), new Person("ben", 100_001, random)];
    for (let round = 0; round < ROUNDS; round++) {
      for (let step = 0; step < 10; step++) await act(people[Math.floor(random() * 2)], random);
      await quiet(people);
      expectNothingLost(people);
      for (const { session, name } of people) {
        const where = `${name}, world ${world}, round ${round}`;
        expect(Object.fromEntries(session.store.facts.entries()), where).toEqual(Object.fromEntries(server.store.facts.entries()));
        expect(Object.fromEntries(pixelsOf(session.store)), where).toEqual(Object.fromEntries(pixelsOf(server.store)));
        expect(digestOf(session.store), where).toBe(digestOf(server.store));
      }
    }
    edits += server.log.length;
    decisions += people.reduce((sum, person) => sum + person.decisions, 0);
    const [ana, ben] = people;
    const bens = [...cellsTouchedBy(ben)].filter((cell) => !cellsTouchedBy(ana).has(cell));
    const before = pixelsOf(server.store);
    while (ana.session.history.undoCount > 0) ana.undo();
    await quiet(people);
    const after = pixelsOf(server.store);
    for (const cell of bens) for (const t of [0, 1]) expect(after.get(`${cell} ${t}`)).toBe(before.get(`${cell} ${t}`));
    for (const { session } of people) expect(digestOf(session.store)).toBe(digestOf(server.store));
  }
  expect(decisions).toBeGreaterThan(100);
  expect(edits).toBeGreaterThan(1_000);
}, 300_000);

test("U3 undo all of mine leaves the start where nobody else drew, and all of yours", async () => {
  server = new MemoryServer();
  const random = seeded(5);
  const [ana, ben] = [new Person("ana", 1, random), new Person("ben", 100_001, random)];
  for (let i = 0; i < 10; i++) {
    ana.paint(1 + i, i);
    ben.paint(100_001 + i, 12 + i);
    await act(ana, () => 0.6);
    await act(ben, () => 0.9);
  }
  await quiet([ana, ben]);
  while (ana.session.history.undoCount > 0) ana.undo();
  await quiet([ana, ben]);
  const left = server.store.facts.entries().map(([cell]) => cell);
  expect(left.every((cell) => cell > 100_000)).toBe(true);
  expect(left).toHaveLength(10);
});

const OFFLINE_EDITS = 500;

test(`U6 ${OFFLINE_EDITS} edits of every kind drawn offline merge with what another drew meanwhile`, async () => {
  server = new MemoryServer();
  const random = seeded(6);
  const [ana, ben] = [new Person("ana", 1, random), new Person("ben", 100_001, random)];
  ana.online = false;
  while (ana.drawn.size < OFFLINE_EDITS) {
    ana.gesture();
    await tick();
    if (ana.drawn.size % 10 === 0) await act(ben, random);
  }
  await settled(ana.autosave.flush(), ana);
  expect(ana.autosave.state()).toMatchObject({ kind: "offline", edits: OFFLINE_EDITS });
  await quiet([ben]);
  expect(server.log.some(({ edit }) => ben.drawn.has(edit.id))).toBe(true);
  ana.online = true;
  await quiet([ana, ben]);
  expectNothingLost([ana, ben]);
  for (const { session } of [ana, ben]) expect(digestOf(session.store)).toBe(digestOf(server.store));
}, 60_000);

test(`U6 ${OFFLINE_EDITS} cells drawn offline arrive in the order of drawing`, async () => {
  server = new MemoryServer();
  const random = seeded(7);
  const [ana, ben] = [new Person("ana", 1, random), new Person("ben", 100_001, random)];
  ana.online = false;
  for (let i = 0; i < OFFLINE_EDITS; i++) {
    ana.paint(1 + i, i % 12);
    if (i % 20 === 0) ben.paint(100_001 + i, 12 + (i % 12));
  }
  await settled(ana.autosave.flush(), ana);
  await quiet([ben]);
  ana.online = true;
  await quiet([ana, ben]);
  const arrived = server.log.map(({ edit }) => edit.id).filter((id) => ana.drawn.has(id));
  expect(arrived).toEqual([...ana.drawn]);
  expect(arrived).toHaveLength(OFFLINE_EDITS);
  expect(digestOf(ana.session.store)).toBe(digestOf(server.store));
}, 60_000);
