import { describe, expect, it } from "vitest";
import { cellWords, choiceWords, compareMasks, maskWords, pointsOf, pointWords } from "./compare";
import { areaOfLine } from "./rows";
import type { Fault, Place, RunRows } from "./types";

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

it("shows taps and centres as the server paired them", () => {
  const truth: Place[] = [[10, 12.5], [70, 70]];
  const told = pointsOf(truth, {
    regions: [
      { fault: "MISSED", runs: [], point: [70, 70] },
      { fault: "INVENTED", runs: [], point: [40, 40] },
      { fault: "INVENTED", runs: [], point: [10, 30] },
    ],
  });
  expect([told.found, told.missed, told.extra]).toEqual([[{ y: 10, x: 12.5 }], [{ y: 70, x: 70 }], [{ y: 40, x: 40 }, { y: 10, x: 30 }]]);
  expect(pointWords(told)).toEqual(["You found 1 of 2 centres.", "2 taps are not on a cell of its own."]);
});

it("counts what went wrong with several cells", () => {
  const wrong = (fault: Fault) => ({ fault, runs: box(0, 0, 2, 2), point: null });
  expect(cellWords(5, { regions: [wrong("MISSED"), wrong("MISSED"), wrong("INVENTED"), wrong("MERGED"), wrong("TOO_LITTLE")] })).toEqual([
    "You missed 2 of 5 cells.",
    "1 outline is not on a cell.",
    "Cells that touch were outlined as one.",
    "1 outline is too small: see the stripes.",
  ]);
  expect(cellWords(5, { regions: [] })).toEqual(["Your outlines follow the cells."]);
});

it("says an answer of words in words", () => {
  const nameOf = (id: string) => (id === "7" ? "dividing" : "resting");
  expect(choiceWords("CELL", "yes", "yes", nameOf)).toEqual(["Right: yes."]);
  expect(choiceWords("SAME", "unsure", "no", nameOf)).toEqual(["You said not sure. The answer is no."]);
  expect(choiceWords("CLASS", "8", "7", nameOf)).toEqual(["You said resting. The answer is dividing."]);
});
