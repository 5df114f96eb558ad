import { describe, expect, it } from "vitest";
import { pickCells } from "./pick-cells";

describe("M17 choosing in the list", () => {
  const listed = [9, 4, 7, 2, 5];
  const pick = (cell: number, how: { toggle?: boolean; range?: boolean } = {}, selected: number[] = [4], anchor: number | null = 4) =>
    pickCells(listed, selected, anchor, { cell, toggle: false, range: false, ...how });

  it("a click chooses one, Ctrl one more or less, Shift all between as they are listed", () => {
    expect([pick(7), pick(2, { toggle: true }), pick(4, { toggle: true }, [2, 4])]).toEqual([[7], [2, 4], [2]]);
    expect([pick(5, { range: true }), pick(9, { range: true })]).toEqual([[5, 4, 7, 2], [9, 4]]);
  });

  it("an anchor that is no longer listed begins anew", () => {
    expect(pick(7, { range: true }, [], 33)).toEqual([7]);
    expect(pick(7, { range: true }, [9], null)).toEqual([7, 9, 4]);
  });
});
