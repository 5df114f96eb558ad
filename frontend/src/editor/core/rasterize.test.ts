import { describe, expect, test } from "vitest";
import type { Point } from "./geometry";
import { UNITS, sweepDisc } from "./rasterize";
import { StrokePath } from "./stroke-path";
import { ThinLine } from "./thin-line";
import { componentsOf } from "./components";
import { seeded } from "./testing";
import { lineOfRuns, runsOfLine } from "./runs";

const SIZE = 120;
const key = (x: number, y: number): number => y * 1000 + x;

function swept(a: Point, b: Point, diameter: number): Set<number> {
  const pixels = new Set<number>();
  sweepDisc(a, b, diameter, (y, x0, x1) => {
    for (let x = x0; x < x1; x++) pixels.add(key(x, y));
  });
  return pixels;
}

/** Every pixel asked one by one, with distances in floating point. */
function naive(a: Point, b: Point, diameter: number): Set<number> {
  const [p, q] = [a, b].map((point) => ({ x: Math.round(point.x * UNITS) / UNITS, y: Math.round(point.y * UNITS) / UNITS }));
  const pixels = new Set<number>();
  for (let y = -SIZE; y < 2 * SIZE; y++) {
    for (let x = -SIZE; x < 2 * SIZE; x++) {
      if (distance({ x: x + 0.5, y: y + 0.5 }, p, q) < diameter / 2 - 1e-9) pixels.add(key(x, y));
    }
  }
  return pixels;
}

function distance(point: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((point.x - a.x) * dx + (point.y - a.y) * dy) / length2));
  return Math.hypot(point.x - a.x - along * dx, point.y - a.y - along * dy);
}

describe("sweepDisc", () => {
  test("equals the naive distance test for short segments", () => {
    const random = seeded(3);
    const point = (): Point => ({ x: random() * 60, y: random() * 60 });
    for (let i = 0; i < 60; i++) {
      const [a, diameter] = [point(), 2 + Math.floor(random() * 40)];
      const b = { x: a.x + random() * 40 - 20, y: a.y + random() * 40 - 20 };
      expect([...swept(a, b, diameter)].sort()).toEqual([...naive(a, b, diameter)].sort());
    }
  });

  test("a dot of 3 px in the middle of a pixel is a square, one of 500 px has the area of a disc", () => {
    expect(swept({ x: 5.5, y: 5.5 }, { x: 5.5, y: 5.5 }, 3).size).toBe(9);
    const area = swept({ x: 0, y: 0 }, { x: 0, y: 0 }, 500).size;
    expect(Math.abs(area / (Math.PI * 250 * 250) - 1)).toBeLessThan(0.002);
  });

  test("a long segment has no gap and no pixel is further than the radius", () => {
    const [a, b] = [{ x: 3.2, y: 4.7 }, { x: 900.9, y: 411.3 }];
    const runs: number[] = [];
    sweepDisc(a, b, 6, (y, x0, x1) => runs.push(y, x0, x1 - x0));
    const all = runsOfLine(lineOfRuns(runs));
    expect(componentsOf(all)).toHaveLength(1);
    for (let i = 0; i < all.length; i += 3) {
      for (const x of [all[i + 1], all[i + 1] + all[i + 2] - 1]) {
        expect(distance({ x: x + 0.5, y: all[i] + 0.5 }, a, b)).toBeLessThan(3.1);
      }
    }
  });
});

/** A hand that wiggles, sampled sparsely as a fast pen is. */
function wiggle(seed: number): Point[] {
  const random = seeded(seed);
  let [angle, x, y] = [random() * 6, 700, 700];
  return Array.from({ length: 25 }, () => {
    angle += random() * 1.6 - 0.8;
    const step = 2 + random() * 25;
    [x, y] = [x + Math.cos(angle) * step, y + Math.sin(angle) * step];
    return { x, y };
  });
}

describe("M1 strokes", () => {
  test.each([2, 3, 7, 20])("M1 a smooth stroke of %i px has no gap and passes under every sample", (diameter) => {
    for (let seed = 1; seed < 20; seed++) {
      const samples = wiggle(seed);
      const runs: number[] = [];
      const covered = new Set<string>();
      const path = new StrokePath(samples[0]);
      let at = samples[0];
      for (const sample of samples.slice(1)) {
        for (const point of path.to(sample)) {
          sweepDisc(at, point, diameter, (y, x0, x1) => {
            runs.push(y, x0, x1 - x0);
            for (let x = x0; x < x1; x++) covered.add(`${x} ${y}`);
          });
          at = point;
        }
      }
      expect(componentsOf(runsOfLine(lineOfRuns(runs)))).toHaveLength(1);
      if (diameter > 2) for (const s of samples) expect(covered).toContain(`${Math.floor(s.x)} ${Math.floor(s.y)}`);
    }
  });

  test("M1 500 px: a fast stroke has no gap, and its rows no hole", () => {
    const samples = wiggle(5);
    const runs: number[] = [];
    const path = new StrokePath(samples[0]);
    let at = samples[0];
    for (const sample of samples.slice(1)) {
      for (const point of path.to(sample)) {
        sweepDisc(at, point, 500, (y, x0, x1) => runs.push(y, x0, x1 - x0));
        at = point;
      }
    }
    const all = runsOfLine(lineOfRuns(runs));
    expect(componentsOf(all)).toHaveLength(1);
    for (const s of samples) {
      const row = all.findIndex((y, i) => i % 3 === 0 && y === Math.floor(s.y) && all[i + 1] <= s.x - 249 && all[i + 1] + all[i + 2] >= s.x + 249);
      expect(row).toBeGreaterThanOrEqual(0);
    }
  });

  test("M1 1 px: every step to a neighbour, no stairs, ends under the pen", () => {
    for (let seed = 1; seed < 40; seed++) {
      const samples = wiggle(seed);
      const pixels: Point[] = [];
      const line = new ThinLine(samples[0], (y, x) => pixels.push({ x, y }));
      const path = new StrokePath(samples[0]);
      for (const sample of samples.slice(1)) for (const point of path.to(sample)) line.to(point);
      line.end();
      expect(pixels.length).toBeGreaterThan(50);
      for (let i = 1; i < pixels.length; i++) expect(chebyshev(pixels[i - 1], pixels[i])).toBe(1);
      for (let i = 2; i < pixels.length; i++) expect(isCorner(pixels[i - 2], pixels[i - 1], pixels[i])).toBe(false);
      const end = samples[samples.length - 1];
      expect(pixels[pixels.length - 1]).toEqual({ x: Math.floor(end.x), y: Math.floor(end.y) });
    }
  });

  test("M1 the curve is smoother than the samples' polygon", () => {
    const corner = [{ x: 0, y: 0 }, { x: 30, y: 0 }, { x: 60, y: 30 }];
    const path = new StrokePath(corner[0]);
    const points = [corner[0], ...path.to(corner[1]), ...path.to(corner[2])];
    const turns = points.slice(2).map((p, i) => turning(points[i], points[i + 1], p));
    expect(Math.max(...turns)).toBeLessThan(turning(corner[0], corner[1], corner[2]) * 0.7);
  });
});

const chebyshev = (a: Point, b: Point): number => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));
/** Two straight steps around a corner, where one diagonal step would do. */
const isCorner = (a: Point, b: Point, c: Point): boolean =>
  Math.abs(a.x - c.x) === 1 && Math.abs(a.y - c.y) === 1 && (a.x === b.x || a.y === b.y) && (b.x === c.x || b.y === c.y);
const turning = (a: Point, b: Point, c: Point): number => {
  const turn = Math.atan2(c.y - b.y, c.x - b.x) - Math.atan2(b.y - a.y, b.x - a.x);
  return Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn)));
};
