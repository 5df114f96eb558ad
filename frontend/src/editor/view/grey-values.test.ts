/** numpy is the reference: see tests/pictures/grey.py. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { PixelArray } from "../host";
import { autoWindow, histogramOf } from "./grey-values";

interface Case {
  readonly name: string;
  readonly kind: "uint8" | "uint16" | "float32";
  readonly values: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[] | null;
}

const CASES = JSON.parse(readFileSync(new URL("../../../../tests/pictures/grey.json", import.meta.url), "utf8")) as Case[];
const KINDS = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array };

const tilesOf = ({ kind, values }: Case): PixelArray[] => {
  const half = Math.floor(values.length / 2);
  return [KINDS[kind].from(values.slice(0, half)), KINDS[kind].from(values.slice(half))];
};

describe("V1 automatic contrast", () => {
  test.each(CASES)("V1 the percentile window of $name is numpy's, however it is cut into tiles", (one) => {
    const expected = one.high > one.low ? [one.low, one.high] : [one.low, one.low + 1];
    expect(autoWindow(tilesOf(one))).toEqual(expected);
  });

  test.each(CASES.filter((one) => one.counts))("V1 the histogram of $name is numpy's", (one) => {
    expect([...(histogramOf(tilesOf(one))?.counts ?? [])]).toEqual(one.counts);
  });

  test("V1 pixels that are no numbers do not count", () => {
    const tile = Float32Array.from([NaN, 3, Infinity, 1, 2]);
    expect(autoWindow([tile])).toEqual([1, 3]);
    expect(histogramOf([tile])).toMatchObject({ min: 1, max: 3 });
    expect(autoWindow([Float32Array.from([NaN])])).toBeNull();
  });
});
