import { expect, test } from "vitest";
import { componentsOf } from "./components";
import { compose, invert } from "./edit";
import type { Edit } from "./edit";
import { InvalidEdit, parseEdit } from "./edit-json";
import { RegionTooLarge, flood } from "./flood";
import { IdPool } from "./id-pool";
import { holesOf } from "./mask";
import { outlineOf } from "./outline";
import { areaOf, difference, intersection, lineOfRuns, runsOfLine, runsOfMask, union } from "./runs";
import { flatOf, pictureWorld, rowsOf, seeded, worldOf } from "./testing";
import { contentOfPlanes, packTile, planesOfContent, unpackTile, BrokenTile } from "./tile-content";
import { Transaction } from "./transaction";

const runsIn = (text: string): number[] => {
  const rows = rowsOf(text);
  return runsOfMask(rows.flatMap((row) => [...row].map((letter) => Number(letter !== "."))), rows[0].length);
};

test("set arithmetic equals sets", () => {
  const random = seeded(5);
  for (let round = 0; round < 200; round++) {
    const [a, b] = [0, 1].map(() => Array.from({ length: 60 }, () => Number(random() < 0.5)));
    const [lineA, lineB] = [a, b].map((mask) => lineOfRuns(runsOfMask(mask, 10)));
    const expected = (keep: (inA: number, inB: number) => boolean): number[] =>
      runsOfMask(a.map((value, i) => Number(keep(value, b[i]))), 10);
    expect(runsOfLine(union(lineA, lineB))).toEqual(expected((x, y) => x + y > 0));
    expect(runsOfLine(difference(lineA, lineB))).toEqual(expected((x, y) => x > y));
    expect(runsOfLine(intersection(lineA, lineB))).toEqual(expected((x, y) => x * y > 0));
  }
});

test("parts of a cell, corners touching", () => {
  const parts = componentsOf(runsIn(`
    aa..a
    ..a.a
    a...a
    .aaa.
    .....
    aa.aa`));
  expect(parts.map(areaOf)).toEqual([3, 7, 2, 2]);
});

test("parts equal a naive flood on random pictures", () => {
  const random = seeded(9);
  for (let round = 0; round < 100; round++) {
    const mask = Array.from({ length: 144 }, () => Number(random() < 0.4));
    const parts = componentsOf(runsOfMask(mask, 12)).map((part) => flatOf(part, 12).join());
    expect(parts.sort()).toEqual(naiveParts(mask, 12).sort());
  }
});

function naiveParts(mask: number[], width: number): string[] {
  const left = new Set(mask.flatMap((value, i) => (value ? [i] : [])));
  const parts: string[] = [];
  for (const first of left) {
    const part = [first];
    left.delete(first);
    for (const i of part) {
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [1, -1], [-1, 1], [-1, -1]]) {
        const [x, y] = [(i % width) + dx, Math.floor(i / width) + dy];
        if (x >= 0 && x < width && left.delete(y * width + x)) part.push(y * width + x);
      }
    }
    parts.push(part.sort((a, b) => a - b).join());
  }
  return parts;
}

test("holes are what edges enclose", () => {
  expect(holesOf(runsIn(`
    .aaaa.
    .a..aa
    .a.a.a
    .aaaaa
    a.....`))).toEqual([1, 2, 2, 2, 2, 1, 2, 4, 1]);
  expect(holesOf([])).toEqual([]);
});

test("outlines are closed rings along pixel edges, holes included, with the cell's area", () => {
  const runs = runsIn(`
    aaaa.a
    a..a.a
    aaaaaa`);
  const rings = outlineOf(runs);
  expect(rings).toHaveLength(2);
  expect(rings.reduce((sum, ring) => sum + signedArea(ring), 0)).toBe(areaOf(runs));
});

test("outline area equals pixel area on random pictures", () => {
  const random = seeded(21);
  for (let round = 0; round < 100; round++) {
    const runs = runsOfMask(Array.from({ length: 100 }, () => Number(random() < 0.6)), 10);
    expect(outlineOf(runs).reduce((sum, ring) => sum + signedArea(ring), 0)).toBe(areaOf(runs));
  }
});

function signedArea(ring: readonly number[]): number {
  let twice = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const [x, y] = [ring[(i + 2) % ring.length], ring[(i + 3) % ring.length]];
    twice += ring[i] * y - x * ring[i + 1];
  }
  return twice / 2;
}

test("M4 flood over tile borders equals the naive flood", () => {
  const at = { y: 250, x: 252 };
  const world = pictureWorld(`
    .aaaaaaa..
    .a.....a..
    .a.a.a.a..
    .a..a..a..
    .aaaaaaa..`, at);
  const inside = flood(world.frame, at.x + 2, at.y + 1, 0);
  expect(areaOf(inside)).toBe(12);
  expect(areaOf(flood(world.frame, at.x + 3, at.y + 2, 1))).toBe(1);
  expect(areaOf(flood(world.frame, at.x + 3, at.y + 2, 1, { diagonal: true }))).toBe(23);
  expect(() => flood(world.frame, 0, 0, 0, { most_px: 100 })).toThrow(RegionTooLarge);
});

test("a tile goes through planes, content and bytes unchanged, overlaps included", () => {
  const random = seeded(2);
  const world = worldOf(256, 256);
  const tx = new Transaction(world.store);
  for (let i = 0; i < 400; i++) {
    const [cell, y, x] = [1 + Math.floor(random() * 40), Math.floor(random() * 256), Math.floor(random() * 200)];
    tx.on(0, 0).paint(cell, "overlap", y, x, x + 1 + Math.floor(random() * 90));
  }
  tx.seal();
  const content = world.frame.tile(0)?.content;
  if (!content) throw new Error("no tile");
  expect(planesOfContent(content).length).toBeGreaterThan(1);
  expect(contentOfPlanes(planesOfContent(content))).toEqual(content);
  expect(unpackTile(packTile(content))).toEqual(content);
});

test("bytes that are no tile are refused", () => {
  expect(() => unpackTile(new Uint8Array(2))).toThrow(BrokenTile);
  expect(() => unpackTile(new Uint8Array([2, 0, 0, 0, 1]))).toThrow(/2 cells/);
  expect(() => unpackTile(new Uint8Array([0, 0, 0, 0, 9]))).toThrow(/0 runs/);
});

const edit = (add: number[], remove: number[]): Edit => ({
  id: "00000000-0000-4000-8000-000000000001",
  tool: "brush",
  pixels: [{ t: 0, z: 0, cell: 4, add, remove }],
  cells: [],
});

test("composing with the inverse leaves nothing", () => {
  const first = edit([1, 2, 3], [2, 2, 1]);
  expect(compose(first, invert(first)).pixels).toEqual([]);
  expect(compose(first, edit([1, 5, 1], [1, 2, 1])).pixels[0]).toMatchObject({ add: [1, 3, 3], remove: [2, 2, 1] });
});

test.each([
  [{ ...edit([1, 2, 0], []) }, /run is empty/],
  [{ ...edit([1, 2, 2, 1, 4, 1], []) }, /maximal/],
  [{ ...edit([1, 2, 2], [1, 3, 1]) }, /added and removed at once/],
  [{ ...edit([1, 2], []) }, /triples/],
  [{ ...edit([1, 2, 3], []), id: "7" }, /id: a uuid/],
  [{ ...edit([1, 2, 3], []), tool: "" }, /short name/],
  [{ ...edit([1, 2, 3], []), cells: [{ cell: 4, before: null, after: { mother: 4 } }] }, /own mother/],
  [{ ...edit([1, 2, 3], []), cells: [{ cell: 4, before: {}, after: null }] }, /deleted here/],
  [{ ...edit([], [1, 2, 3]), cells: [{ cell: 4, before: null, after: {} }] }, /made here/],
  [{ ...edit([1, 2, 3], []), who: 1 }, /unknown who/],
  [null, /an object is needed/],
])("a malformed edit is refused: %#", (value, message) => {
  expect(() => parseEdit(value)).toThrow(InvalidEdit);
  expect(() => parseEdit(value)).toThrow(message);
});

test("measures of a cell over four tiles equal its pixels", () => {
  const world = worldOf(512, 512);
  world.session.beginStroke(0, 0, { kind: "brush", cell: 3, mode: "keep", diameter_px: 31 }, { x: 255, y: 257 });
  world.session.endStroke();
  const measure = world.frame.measure(3);
  const flat = flatOf(world.frame.runsOf(3), 512);
  expect(world.frame.tilesOf(3)).toHaveLength(4);
  expect(measure?.area_px).toBe(flat.length);
  expect(measure?.centroid_x).toBeCloseTo(flat.reduce((sum, i) => sum + (i % 512), 0) / flat.length);
  expect(measure?.bounds).toEqual({ y_min: 242, x_min: 240, y_max: 271, x_max: 269 });
});

test("ids are handed out once, block after block, and then none", () => {
  const pool = new IdPool();
  expect(pool.take()).toBeNull();
  pool.add({ first: 5, count: 2 });
  pool.add({ first: 90, count: 1 });
  expect([pool.take(), pool.take(), pool.left, pool.take(), pool.take()]).toEqual([5, 6, 1, 90, null]);
});
