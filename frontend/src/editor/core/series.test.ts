/** M16: shapes between shapes, and how far a piece of a picture has moved. */
import { describe, expect, test } from "vitest";
import { between, gapAt, moved } from "./interpolation";
import { motionOf } from "./motion";
import type { Picture } from "./motion";
import { areaOf, intersection, lineOfRuns, runsOfLine, runsOfMask, union } from "./runs";
import { seeded } from "./testing";

const SIZE = 120;
const shape = (inside: (y: number, x: number) => boolean): number[] =>
  runsOfMask(Array.from({ length: SIZE * SIZE }, (_, i) => Number(inside(Math.floor(i / SIZE), i % SIZE))), SIZE);
const disc = (cy: number, cx: number, r: number): number[] => shape((y, x) => Math.hypot(y - cy, x - cx) <= r);
const iou = (a: readonly number[], b: readonly number[]): number => {
  const [first, second] = [lineOfRuns(a), lineOfRuns(b)];
  return areaOf(runsOfLine(intersection(first, second))) / areaOf(runsOfLine(union(first, second)));
};

describe("interpolation", () => {
  test("M16 a disc that moves and grows is met with IoU of 0.9 and more in every plane between", () => {
    const at = (share: number) => disc(30 + 45 * share, 25 + 60 * share, 10 + 8 * share);
    for (let i = 1; i < 6; i++) expect(iou(between(at(0), at(1), i / 6), at(i / 6))).toBeGreaterThanOrEqual(0.9);
  });

  test("M16 an ellipse that turns into a disc keeps its ends, and each end is itself", () => {
    const [a, b] = [shape((y, x) => ((y - 50) / 20) ** 2 + ((x - 50) / 8) ** 2 <= 1), disc(60, 60, 12)];
    expect(between(a, b, 0)).toEqual(a);
    expect(between(a, b, 1)).toEqual(b);
    const half = areaOf(between(a, b, 0.5));
    expect(half).toBeGreaterThan(Math.min(areaOf(a), areaOf(b)) * 0.85);
    expect(half).toBeLessThan(Math.max(areaOf(a), areaOf(b)) * 1.1);
  });

  test("M16 a shape at the image's border stays in the image", () => {
    const runs = between(disc(2, 2, 6), disc(2, 10, 6), 0.5);
    expect(Math.min(...runs.filter((_, i) => i % 3 !== 2))).toBe(0);
    expect(moved(runs, -3, -200, { height: SIZE, width: SIZE })).toEqual([]);
  });

  test.each([
    ["between two", "..#...#..", 4, [2, 6]],
    ["on the lower end", "..#...#..", 2, [2, 6]],
    ["on the upper end", "..#...#..", 6, [2, 6]],
    ["in a stretch", ".###..##.", 2, [3, 6]],
    ["outside", "..#...#..", 8, null],
    ["no gap", "..####...", 3, null],
  ] as const)("M16 the gap that is filled: %s", (_, drawn, now, expected) => {
    expect(gapAt([...drawn].map((letter) => letter === "#"), now)).toEqual(expected);
  });
});

/** Uneven ground, the same every time. */
function scene(seed: number, height: number, width: number): Float32Array {
  const random = seeded(seed);
  const spots = Array.from({ length: 40 }, () => [random() * height, random() * width, 2 + random() * 6, random() * 200]);
  return Float32Array.from({ length: height * width }, (_, i) =>
    spots.reduce((sum, [y, x, s, a]) => sum + a * Math.exp(-(((Math.floor(i / width) - y) ** 2 + ((i % width) - x) ** 2) / (2 * s * s))), 0) + random() * 3);
}

function crop(data: Float32Array, width: number, y: number, x: number, h: number, w: number): Picture {
  const cut = new Float32Array(h * w);
  for (let i = 0; i < h; i++) cut.set(data.subarray((y + i) * width + x, (y + i) * width + x + w), i * w);
  return { data: cut, height: h, width: w, y, x };
}

describe("motion", () => {
  test.each([[20, 24], [60, 70]])("M16 a piece of %i × %i px is found where it has gone, in other light", (h, w) => {
    const random = seeded(h);
    const ground = scene(3, 200, 200);
    for (let round = 0; round < 8; round++) {
      const [dy, dx] = [Math.floor(random() * 21) - 10, Math.floor(random() * 21) - 10];
      const later = Float32Array.from({ length: 200 * 200 }, (_, i) => {
        const [y, x] = [Math.floor(i / 200) - dy, (i % 200) - dx];
        return y < 0 || x < 0 || y >= 200 || x >= 200 ? 0 : 0.6 * ground[y * 200 + x] + 25;
      });
      const found = motionOf(crop(ground, 200, 60, 50, h, w), new Uint8Array(h * w).fill(1), crop(later, 200, 44, 34, h + 32, w + 32), 16);
      expect([found.dy, found.dx]).toEqual([dy, dx]);
      expect(found.likeness).toBeGreaterThan(0.99);
    }
  });

  test("M16 even ground says nothing: no motion, likeness 0", () => {
    const flat = { data: new Float32Array(900).fill(7), height: 30, width: 30, y: 0, x: 0 };
    expect(motionOf(flat, new Uint8Array(900).fill(1), flat, 8)).toEqual({ dy: 0, dx: 0, likeness: 0 });
  });
});
