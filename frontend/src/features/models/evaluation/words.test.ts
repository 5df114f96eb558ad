import { describe, expect, it } from "vitest";
import { imageAddress, placeAddress, sayInterval, saySigned, spread } from "./words";

describe("L12 an evaluation in words", () => {
  it("says the interval where there is one", () => {
    expect(sayInterval({ value: 0.8, low: 0.75, high: 0.9 })).toBe("0.800 (0.750 to 0.900)");
    expect(sayInterval({ value: 0.8, low: null, high: null })).toBe("0.800");
  });

  it("signs differences", () => {
    expect(saySigned(0.03)).toBe("+0.030");
    expect(saySigned(-0.12)).toBe("−0.120");
  });

  it("opens the editor at the cell, with the cell selected", () => {
    const { to, search } = placeAddress("p", { image: "i", branch: "b", revision: 7, t: 3, z: 2, y: 40, x: 50, size_px: 400, cells: [9] });
    expect(to).toBe("/projects/p/annotate/i");
    expect(search).toEqual({ t: "3", z: "2", at: "40,50,6", branch: "b", revision: "7", cell: "9" });
  });

  it("opens what a model of channels made, which has no branch", () => {
    expect(imageAddress("p", { shown: "made", branch: null, revision: null })).toEqual({ to: "/projects/p/annotate/made", search: {} });
  });

  it("never lays two dots of one value on each other", () => {
    const rows = spread([0.5, 0.5, 0.5, 0.9]);
    expect(new Set(rows.slice(0, 3)).size).toBe(3);
    expect(rows[3]).toBe(0);
  });
});
