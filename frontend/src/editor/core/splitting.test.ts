import { describe, expect, test } from "vitest";
import { componentsOf } from "./components";
import type { Point } from "./geometry";
import { crossedPixels, fillPolygon } from "./polygon-fill";
import { areaOf, lineOfRuns, runsOfLine, runsOfMask, union } from "./runs";
import { cellsInside, cellsWhere } from "./selecting";
import { cutByLine, cutByLoop } from "./splitting";
import { pictureWorld, rowsOf, seeded } from "./testing";
import { NO_FACTS } from "./edit";

const runsIn = (text: string): number[] => {
  const rows = rowsOf(text);
  return runsOfMask(rows.flatMap((row) => [...row].map((letter) => Number(letter !== "."))), rows[0].length);
};

const disc = (cy: number, cx: number, radius: number, size = 80): number[] =>
  runsOfMask(Array.from({ length: size * size }, (_, i) => Number((Math.floor(i / size) - cy) ** 2 + ((i % size) - cx) ** 2 <= radius ** 2)), size);

const line = (...numbers: number[]): Point[] => Array.from({ length: numbers.length / 2 }, (_, i) => ({ x: numbers[2 * i], y: numbers[2 * i + 1] }));

describe("closed paths", () => {
  test("M7 pixels inside equal the slow way: winding around each pixel's centre", () => {
    const random = seeded(77);
    for (let round = 0; round < 80; round++) {
      const corners = Array.from({ length: 3 + Math.floor(random() * 6) }, () => ({ x: Math.round(random() * 320) / 16, y: Math.round(random() * 320) / 16 }));
      const expected = Array.from({ length: 400 }, (_, i) => Number(windingAt(corners, (i % 20) + 0.5 + 1e-7, Math.floor(i / 20) + 0.5 + 1e-7) !== 0));
      expect(fillPolygon(corners)).toEqual(runsOfMask(expected, 20));
    }
  });

  test("M7 polygons side by side share no pixel and leave none out", () => {
    const [left, right] = [line(1, 1, 9.5, 2.5, 7, 15.5, 2, 14), line(9.5, 2.5, 18, 1, 17, 15, 7, 15.5)];
    const [a, b] = [fillPolygon(left), fillPolygon(right)];
    const both = fillPolygon(line(1, 1, 9.5, 2.5, 18, 1, 17, 15, 7, 15.5, 2, 14));
    expect(runsOfLine(union(lineOfRuns(a), lineOfRuns(b)))).toEqual(both);
    expect(areaOf(a) + areaOf(b)).toBe(areaOf(both));
  });

  test("M7 the pixels of an open path join over edges", () => {
    const path = crossedPixels(line(1.2, 1.7, 14.9, 9.1, 3.3, 18.8));
    const [at, seen] = [new Set(pixelsOf(path)), new Set<string>()];
    const walk = (key: string): void => {
      if (!at.has(key) || seen.has(key)) return;
      seen.add(key);
      const [x, y] = key.split(" ").map(Number);
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) walk(`${x + dx} ${y + dy}`);
    };
    walk("1 1");
    expect(seen.size).toBe(at.size);
    expect(at.has("14 9") && at.has("3 18")).toBe(true);
  });
});

function windingAt(corners: readonly Point[], x: number, y: number): number {
  let winding = 0;
  corners.forEach((a, i) => {
    const b = corners[(i + 1) % corners.length];
    const side = (b.x - a.x) * (y - a.y) - (x - a.x) * (b.y - a.y);
    if (a.y <= y && b.y > y && side > 0) winding++;
    if (a.y > y && b.y <= y && side < 0) winding--;
  });
  return winding;
}

const pixelsOf = (runs: readonly number[]): string[] => {
  const pixels: string[] = [];
  for (let i = 0; i < runs.length; i += 3) for (let n = 0; n < runs[i + 2]; n++) pixels.push(`${runs[i + 1] + n} ${runs[i]}`);
  return pixels;
};

describe("cuts", () => {
  test("M7 a line through a cell makes two: union unchanged, nothing shared, the larger part stays", () => {
    const random = seeded(7);
    let cuts = 0;
    for (let round = 0; round < 150; round++) {
      const cell = disc(40, 40, 8 + random() * 25);
      const angle = random() * Math.PI;
      const [dx, dy, off] = [Math.cos(angle) * 60, Math.sin(angle) * 60, random() * 12 - 6];
      const bend = { x: 40 + off + random() * 4, y: 40 + off };
      const split = cutByLine(cell, [{ x: 40 - dx, y: 40 - dy }, bend, { x: 40 + dx, y: 40 + dy }]);
      if (!split) continue;
      cuts++;
      expect(runsOfLine(union(lineOfRuns(split.stays), lineOfRuns(split.leaves)))).toEqual(cell);
      expect(areaOf(split.stays) + areaOf(split.leaves)).toBe(areaOf(cell));
      expect(areaOf(split.leaves)).toBeGreaterThan(0);
      expect(componentsOf(split.leaves)).toHaveLength(1);
    }
    expect(cuts).toBeGreaterThan(140);
  });

  test("M7 the larger part keeps the id, and pixels of the line go to the nearer side", () => {
    const split = cutByLine(runsIn(`
      aaaaaaa
      aaaaaaa`), line(2.5, -1, 2.5, 3));
    expect(split?.leaves).toEqual([0, 0, 2, 1, 0, 2]);
    expect(split?.stays).toEqual([0, 2, 5, 1, 2, 5]);
  });

  test("M7 a line that parts a cell into three pieces makes two cells: what lies on one side is one", () => {
    const split = cutByLine(runsIn(`
      aaaaaaaa
      aa....aa
      aa....aa
      aa....aa`), line(-1, 2.5, 9, 2.5));
    expect(areaOf(split?.leaves ?? [])).toBe(4);
    expect(componentsOf(split?.leaves ?? [])).toHaveLength(2);
  });

  test("M7 a line that does not cross is no cut, nor is one that passes by", () => {
    expect(cutByLine(disc(40, 40, 20), line(0, 40, 40, 40))).toBeNull();
    expect(cutByLine(disc(40, 40, 20), line(0, 5, 79, 5))).toBeNull();
    expect(cutByLine([], line(0, 5, 79, 5))).toBeNull();
  });

  test("M7 a loop cuts a piece out: union unchanged; a loop around nothing, or around all, is no cut", () => {
    const cell = disc(40, 40, 20);
    const split = cutByLoop(cell, line(35, 15, 70, 15, 70, 45, 35, 45));
    expect(runsOfLine(union(lineOfRuns(split?.stays ?? []), lineOfRuns(split?.leaves ?? [])))).toEqual(cell);
    expect(areaOf(split?.stays ?? []) + areaOf(split?.leaves ?? [])).toBe(areaOf(cell));
    expect(cutByLoop(cell, line(1, 1, 5, 1, 5, 5))).toBeNull();
    expect(cutByLoop(cell, line(0, 0, 80, 0, 80, 80, 0, 80))).toBeNull();
  });
});

describe("selection", () => {
  const world = pictureWorld(`
    aa.......
    aa..bbb..
    ....bbb..
    c...bbb.d`);
  world.store.facts.set(2, { ...NO_FACTS, quality: 0.3 });
  world.store.facts.set(4, { ...NO_FACTS, quality: 0.9, class: "k", channel: 1 });

  test("M17 by size, quality, class, border, channel", () => {
    const found = (criteria: Parameters<typeof cellsWhere>[2]) => cellsWhere(world.frame, world.store.facts, criteria);
    expect(found({})).toEqual([1, 2, 3, 4]);
    expect(found({ area_px: [2, 8] })).toEqual([1]);
    expect(found({ quality: [0, 0.5] })).toEqual([2]);
    expect(found({ class: "k" })).toEqual([4]);
    expect(found({ class: null, touchesBorder: true })).toEqual([1, 2, 3]);
    expect(found({ touchesBorder: false })).toEqual([]);
    expect(found({ channel: null, area_px: [1, 1] })).toEqual([3]);
  });

  test("M17 by a loop: cells with more than half of their pixels inside", () => {
    expect(cellsInside(world.frame, line(3, 0, 6.6, 0, 6.6, 4, 3, 4))).toEqual([2]);
    expect(cellsInside(world.frame, line(3, 0, 5.4, 0, 5.4, 4, 3, 4))).toEqual([]);
    expect(cellsInside(world.frame, line(0, 0, 9, 0, 9, 4, 0, 4))).toEqual([1, 2, 3, 4]);
  });
});
