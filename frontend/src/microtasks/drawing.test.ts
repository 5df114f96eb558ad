import { describe, expect, it } from "vitest";
import type { Point } from "@/editor/painting";
import { cleared, isEmpty, redone, startDrawing, undone, withGesture, type Drawing, type Paper } from "./drawing";
import { areaOfLine, lineOfRows, rowsOfLine } from "./rows";

const PAPER: Paper = { height: 20, width: 30, single: false };
const square = (x: number, y: number, side: number): Point[] => [{ x, y }, { x: x + side, y }, { x: x + side, y: y + side }, { x, y: y + side }];
const rows = (drawing: Drawing) => drawing.masks.map(rowsOfLine);
const area = (drawing: Drawing) => drawing.masks.map(areaOfLine);

describe("K1 drawing with one finger", () => {
  it("closes a freehand outline by itself and fills it, in whole pixels", () => {
    const drawing = withGesture(startDrawing([]), "outline", square(2, 3, 4), 1, PAPER);
    expect(rows(drawing)).toEqual([[[3, 2, 6], [4, 2, 6], [5, 2, 6], [6, 2, 6]]]);
  });

  it("keeps within the crop, on every side", () => {
    const drawing = withGesture(startDrawing([]), "outline", square(-10, -10, 60), 1, PAPER);
    expect(area(drawing)).toEqual([PAPER.height * PAPER.width]);
    const stroked = withGesture(startDrawing([]), "brush", [{ x: -5, y: 1 }, { x: 40, y: 1 }], 6, PAPER);
    for (const [y, x0, x1] of rows(stroked)[0]) expect(y >= 0 && y < 20 && x0 >= 0 && x1 <= 30).toBe(true);
  });

  it("takes a second outline for a second cell, which leaves the first one its pixels", () => {
    const one = withGesture(startDrawing([]), "outline", square(0, 0, 6), 1, PAPER);
    const two = withGesture(one, "outline", [{ x: 9, y: 3 }, { x: 3, y: 3 }, { x: 3, y: 9 }, { x: 9, y: 9 }], 1, PAPER);
    expect(area(two)).toEqual([36, 36 - 9]);
  });

  it("adds to the cell under the first touch, and to the only one where one is asked for", () => {
    const one = withGesture(startDrawing([]), "outline", square(0, 0, 6), 1, PAPER);
    const more = withGesture(one, "outline", square(4, 4, 6), 1, PAPER);
    expect(area(more)).toEqual([36 + 36 - 4]);
    const apart = withGesture(one, "outline", square(10, 10, 4), 1, { ...PAPER, single: true });
    expect(area(apart)).toEqual([36 + 16]);
  });

  it("rubs out of all cells, and an emptied one is gone", () => {
    const one = withGesture(startDrawing([]), "outline", square(0, 0, 3), 1, PAPER);
    const two = withGesture(one, "outline", square(20, 10, 6), 1, PAPER);
    const rubbed = withGesture(two, "eraser", [{ x: 1.5, y: 1.5 }], 8, PAPER);
    expect(area(rubbed)).toEqual([36]);
  });

  it("takes back and brings again every step, a new step ends the future", () => {
    const start = startDrawing([lineOfRows([[1, 1, 5]])]);
    const one = withGesture(start, "outline", square(10, 10, 4), 1, PAPER);
    const two = cleared(one);
    expect(isEmpty(two)).toBe(true);
    expect(rows(undone(two))).toEqual(rows(one));
    expect(rows(undone(undone(two)))).toEqual(rows(start));
    expect(rows(redone(redone(undone(undone(two)))))).toEqual([]);
    expect(withGesture(undone(two), "brush", [{ x: 25, y: 5 }], 3, PAPER).future).toEqual([]);
    expect(undone(start)).toBe(start);
  });

  it("passes over a slip of the finger and a stroke that changes nothing", () => {
    const start = startDrawing([lineOfRows([[5, 5, 9], [6, 5, 9]])]);
    expect(withGesture(start, "outline", [{ x: 3, y: 3 }, { x: 4, y: 3 }, { x: 4, y: 4 }], 1, PAPER)).toBe(start);
    expect(withGesture(start, "eraser", [{ x: 20, y: 15 }], 3, PAPER)).toBe(start);
  });
});

it("rows of an answer are sorted, disjoint and come back as they were", () => {
  const told = [[2, 4, 9], [1, 0, 3], [1, 3, 5], [2, 6, 12]] as const;
  expect(rowsOfLine(lineOfRows(told))).toEqual([[1, 0, 5], [2, 4, 12]]);
});
