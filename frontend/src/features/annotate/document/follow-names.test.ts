/** Waiting strokes against a twin that knows objects: a stroke on an object has the number that the object has. */
import { describe, expect, test } from "vitest";
import { NO_FACTS, type Edit } from "@/editor";
import { followNames } from "./follow-names";

const [FRAMES, OBJECTS] = [8, 5];

/** The number of each object in each frame. */
class Picture {
  readonly names: number[][];

  constructor(of?: Picture) {
    this.names = of ? of.names.map((row) => [...row]) : Array.from({ length: FRAMES }, () => Array.from({ length: OBJECTS }, (_, n) => n + 1));
  }

  at = (t: number, n: number): number => this.names[t][n];

  /** All moves at once; answers which object was renamed in which frame. */
  apply({ moves = [] }: Edit): string[] {
    const told: string[] = [];
    for (const [t, row] of this.names.entries()) {
      const here = moves.filter(({ first, last }) => first <= t && t <= last);
      this.names[t] = row.map((name, n) => {
        const move = here.find(({ cell }) => cell === name);
        if (move) told.push(`${t}/${n}`);
        return move?.to ?? name;
      });
    }
    return told.sort();
  }

  get isLegal(): boolean {
    return this.names.every((row) => new Set(row).size === row.length);
  }
}

let seed = 1;
const random = (most: number): number => (seed = (seed * 48271) % 2147483647) % most;
const edit = (id: string, change: Partial<Edit>): Edit => ({ id, tool: "test", pixels: [], cells: [], ...change });

/** A cut to a new number, or two objects exchanged, from a frame on; as who sees `picture` does it. */
function gesture(id: string, picture: Picture, fresh: () => number): { edit: Edit; t: number; objects: [number, number | null] } {
  const [t, a, b] = [1 + random(FRAMES - 1), random(OBJECTS), random(OBJECTS)];
  const range = { first: t, last: FRAMES - 1 };
  const one = picture.at(t, a);
  if (a === b || random(2)) return { edit: edit(id, { moves: [{ cell: one, to: fresh(), ...range }] }), t, objects: [a, null] };
  const other = picture.at(t, b);
  return { edit: edit(id, { moves: [{ cell: one, to: other, ...range }, { cell: other, to: one, ...range }] }), t, objects: [a, b] };
}

/** The same gesture on the same objects as the server sees them. */
function onServer({ edit: { id, moves = [] }, t, objects: [a, b] }: ReturnType<typeof gesture>, server: Picture): Edit {
  const [one, range] = [server.at(t, a), { first: t, last: FRAMES - 1 }];
  if (b === null) return edit(id, { moves: [{ cell: one, to: moves[0].to, ...range }] });
  const other = server.at(t, b);
  return edit(id, { moves: [{ cell: one, to: other, ...range }, { cell: other, to: one, ...range }] });
}

/** What the server's log and the own picture hold; null where two gestures contradict each other, which it refuses. */
function story(): { waiting: Edit[]; expected: number[]; landed: Edit[]; log: Edit[] } | null {
  let next = 100;
  const fresh = (): number => ++next;
  const [server, mine] = [new Picture(), new Picture()];
  const log: Edit[] = [];
  for (let i = 0; i <= random(3); i++) {
    const theirs = gesture(`theirs ${i}`, server, fresh).edit;
    server.apply(theirs);
    log.push(theirs);
  }
  const landed: Edit[] = [];
  for (let i = 0; i <= random(3); i++) {
    const own = random(3) ? gesture(`own ${i}`, mine, fresh) : null;
    const followed = own ? onServer(own, server) : edit(`own ${i}`, {});
    landed.push(own?.edit ?? followed);
    log.push(followed);
    const told = own ? mine.apply(own.edit) : [];
    if (server.apply(followed).join() !== told.join()) return null;
    if (!server.isLegal || !mine.isLegal) return null;
  }
  for (let i = 0; i < random(2); i++) {
    const later = gesture(`later ${i}`, server, fresh).edit;
    server.apply(later);
    log.push(later);
  }
  const places = Array.from({ length: 6 }, () => [random(FRAMES), random(OBJECTS)] as const);
  const waiting = places.map(([t, n], i) => edit(`waits ${i}`, { pixels: [{ t, z: 0, cell: mine.at(t, n), add: [0, 0, 1], remove: [] }] }));
  return { waiting, landed, log, expected: places.map(([t, n]) => server.at(t, n)) };
}

describe("U3 T12 strokes that wait while own edits land on others' moves", () => {
  test("have the numbers that their objects have now", () => {
    let [told, otherwise] = [0, 0];
    for (let world = 0; world < 4_000; world++) {
      const found = story();
      if (!found) continue;
      const { waiting, landed, log, expected } = found;
      const cells = followNames(waiting, landed, log, () => undefined).map(({ pixels }) => pixels[0]?.cell);
      expect(cells, `world ${world}`).toEqual(expected);
      told++;
      otherwise += Number(waiting.some(({ pixels }, i) => pixels[0]?.cell !== expected[i]));
    }
    expect(told).toBeGreaterThan(500);
    // So many would have drawn on another cell under their old numbers.
    expect(otherwise).toBeGreaterThan(200);
  });

  test("moves that wait go with the cell that they cut, and mothers with their names", () => {
    const log = [edit("theirs", { moves: [{ cell: 1, to: 9, first: 0, last: 7 }] }), edit("own", {})];
    const waiting = [
      edit("cut", { moves: [{ cell: 1, to: 50, first: 4, last: 7 }] }),
      edit("stroke", { pixels: [{ t: 5, z: 0, cell: 50, add: [0, 0, 1], remove: [] }, { t: 2, z: 0, cell: 1, add: [0, 0, 1], remove: [] }] }),
      edit("mother", { cells: [{ cell: 3, before: NO_FACTS, after: { ...NO_FACTS, mother: 1 } }] }),
    ];
    const [cut, stroke, mother] = followNames(waiting, [edit("own", {})], log, () => 3);
    expect(cut?.moves).toEqual([{ cell: 9, to: 50, first: 4, last: 7 }]);
    expect(stroke?.pixels.map(({ cell }) => cell)).toEqual([50, 9]);
    expect(mother?.cells[0]?.after?.mother).toBe(9);
  });
});
