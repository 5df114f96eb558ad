/** The craft against scikit-image and scipy (tests/pictures/craft.json), and against slow and obvious twins. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { distanceInside } from "./distance";
import { gaussian } from "./gaussian";
import { sobel } from "./gradient";
import { greyOf, percentileOf } from "./grey";
import { PixelHeap } from "./pixel-heap";
import { li, localMean, otsu, thresholdOf, triangle } from "./thresholds";
import { ToleranceFlood } from "./tolerance-flood";
import { watershed } from "./watershed";
import { seeded } from "../core/testing";

interface Case {
  readonly name: string;
  readonly width: number;
  readonly picture: readonly number[];
  readonly mask: readonly number[];
  readonly "gaussian_1.5": readonly number[];
  readonly sobel: readonly number[];
  readonly thresholds: Readonly<Record<"otsu" | "triangle" | "li" | "percentile", number>>;
  readonly local_mean_5: readonly number[];
  readonly distance: readonly number[];
  readonly watershed: { readonly markers: readonly number[]; readonly labels: readonly number[] };
  readonly flood: Readonly<Record<string, readonly number[]>>;
}

const cases = JSON.parse(readFileSync(`${process.cwd()}/../tests/pictures/craft.json`, "utf8")) as Case[];

function expectClose(found: ArrayLike<number>, wanted: readonly number[], within: number): void {
  expect(found.length).toBe(wanted.length);
  const worst = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0);
  expect(worst).toBeLessThan(within);
}

test("the file holds cases", () => expect(cases.length).toBeGreaterThan(4));

describe.each(cases)("$name, as scikit-image and scipy see it", (item) => {
  const grey = greyOf(Float32Array.from(item.picture), item.width);

  test("M5 thresholds", () => {
    expect(otsu(grey.data)).toBeCloseTo(item.thresholds.otsu, 4);
    expect(triangle(grey.data)).toBeCloseTo(item.thresholds.triangle, 4);
    expect(li(grey.data)).toBeCloseTo(item.thresholds.li, 4);
    expect(percentileOf(grey.data, 37)).toBeCloseTo(item.thresholds.percentile, 4);
    expectClose(localMean(grey, 5), item.local_mean_5, 1e-3);
  });

  test("smoothing, edges, distance", () => {
    expectClose(gaussian(grey, 1.5).data, item["gaussian_1.5"], 1e-3);
    expectClose(sobel(grey).data, item.sobel, 1e-3);
    expectClose(distanceInside(Uint8Array.from(item.mask), item.width), item.distance, 1e-4);
  });

  test("M6 watershed: the same label map", () => {
    const heights = Int32Array.from(item.picture, (value) => -value);
    const { labels } = watershed(heights, item.watershed.markers, item.mask, item.width);
    expect([...labels]).toEqual(item.watershed.labels);
  });

  test("M13 flood at each tolerance, in whatever order they are asked", () => {
    const flood = new ToleranceFlood(grey, item.picture.indexOf(Math.max(...item.picture)));
    for (const tolerance of ["20", "3", "60", "0", "8"]) expect([...flood.mask(Number(tolerance))]).toEqual(item.flood[tolerance]);
  });
});

test("M5 pictures of one value, and typed values", () => {
  const flat = greyOf(new Float32Array(12).fill(7), 4);
  expect([otsu(flat.data), triangle(flat.data), li(flat.data)]).toEqual([7, 7, 7]);
  const how = { method: "value", percentile: 50, value: 5.5, local_px: 3 } as const;
  expect(thresholdOf(flat, how)).toBe(5.5);
  expect(thresholdOf(flat, { ...how, method: "percentile" })).toBe(7);
});

test("the queue gives pixels by value, then by age", () => {
  const random = seeded(3);
  const queue = new PixelHeap();
  const all = Array.from({ length: 3000 }, (_, pixel) => ({ value: Math.floor(random() * 40), pixel }));
  for (const { value, pixel } of all) queue.push(value, pixel);
  const sorted = [...all].sort((a, b) => a.value - b.value || a.pixel - b.pixel);
  expect(sorted.map(() => queue.pop())).toEqual(sorted.map(({ pixel }) => pixel));
  expect(queue.pop()).toBe(-1);
});

test("distance where there is no outside", () => {
  expect([...distanceInside(new Uint8Array(4).fill(1), 2)]).toEqual([Infinity, Infinity, Infinity, Infinity]);
});

test("M13 barred pixels are never taken nor crossed", () => {
  const grey = greyOf(new Float32Array(9), 3);
  const flood = new ToleranceFlood(grey, 0, Uint8Array.from([0, 1, 0, 0, 1, 0, 0, 1, 0]));
  expect([...flood.mask(5)]).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 0]);
});
