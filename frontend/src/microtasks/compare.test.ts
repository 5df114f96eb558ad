import { describe, expect, it } from "vitest";
import { choiceWords, compareMasks, comparePoints, maskWords, pointWords } from "./compare";
import { areaOfLine } from "./rows";
import type { Place, RunRows } from "./types";

const box = (y0: number, x0: number, y1: number, x1: number): RunRows => Array.from({ length: y1 - y0 }, (_, i) => [y0 + i, x0, x1] as const);

describe("K6 an outline beside the known one", () => {
  it("says what was missed, where and how much", () => {
    const difference = compareMasks([box(10, 10, 20, 30)], [box(10, 10, 30, 30)]);
    expect([difference.missed, difference.extra, difference.right].map(areaOfLine)).toEqual([200, 0, 200]);
    expect(maskWords(difference)).toEqual(["You missed 50 % of the cell at the bottom."]);
  });

  it("says what is too much, and that a rim all around is all around", () => {
    expect(maskWords(compareMasks([box(10, 10, 30, 38)], [box(10, 10, 30, 30)]))).toEqual(["You outlined 40 % too much at the right."]);
    expect(maskWords(compareMasks([box(8, 8, 32, 32)], [box(10, 10, 30, 30)]))).toEqual(["You outlined 44 % too much all around."]);
    expect(maskWords(compareMasks([box(5, 5, 30, 30)], [box(10, 10, 30, 30)]))[0]).toContain("at the top left");
  });

  it("has nothing to say of what two careful people differ by", () => {
    expect(maskWords(compareMasks([box(10, 10, 110, 111)], [box(10, 10, 110, 110)]))).toEqual(["Your outline follows the cell."]);
  });

  it("knows pictures without a cell", () => {
    expect(maskWords(compareMasks([], []))).toEqual(["Right: there is no cell here."]);
    expect(maskWords(compareMasks([box(0, 0, 4, 4)], []))[0]).toContain("no cell here");
  });
});

it("pairs taps with centres, nearest first, each once", () => {
  const given: Place[] = [[10, 10], [10, 13], [40, 40]];
  const told = comparePoints(given, [[10, 12.5], [70, 70]], 5);
  expect([told.found.length, told.missed.length, told.extra.length]).toEqual([1, 1, 2]);
  expect(told.extra).toContainEqual({ y: 10, x: 10 });
  expect(pointWords(told)).toEqual(["You found 1 of 2 centres.", "2 taps are not on a cell of its own."]);
});

it("says an answer of words in words", () => {
  const nameOf = (id: string) => (id === "7" ? "dividing" : "resting");
  expect(choiceWords("CELL", "yes", "yes", nameOf)).toEqual(["Right: yes."]);
  expect(choiceWords("SAME", "unsure", "no", nameOf)).toEqual(["You said not sure. The answer is no."]);
  expect(choiceWords("CLASS", "8", "7", nameOf)).toEqual(["You said resting. The answer is dividing."]);
});
