import { describe, expect, it } from "vitest";
import { listed, namesOf, type Difference } from "./differences";

const row = (change: Difference["change"], cell: number, base_cell: number | null, t = 0): Difference => ({
  cell, base_cell, change, t, z: 0, iou: 0.5, area_before_px: 1, area_after_px: 1, y: 0, x: 0,
});

describe("W7 two raters name their cells differently", () => {
  const names = namesOf([row("CHANGED", 41, 1), row("REMOVED", 2, 2), row("ADDED", 43, null), row("FACTS", 44, 4, 1)]);

  it("a pair that differs is one cell, and nothing else is", () => {
    expect(names(0, 0)(1, 41)).toBe(true);
    expect(names(0, 0)(1, 43)).toBe(false);
    expect(names(0, 0)(2, 41)).toBe(false);
  });

  it("whom no row names has the same pixels on both sides", () => {
    expect(names(0, 0)(5, 45)).toBe(true);
    expect(names(0, 0)(5, 43)).toBe(false);
    expect(names(7, 0)(1, 99)).toBe(true);
  });

  it("pairs hold in their frame", () => {
    expect(names(1, 0)(4, 44)).toBe(true);
    expect(names(1, 0)(1, 44)).toBe(false);
  });

  it("a row shows both names, and what is gone cannot be selected by a name of the other side", () => {
    const [changed, removed] = listed([row("CHANGED", 41, 1), row("REMOVED", 2, 2)], false);
    expect([changed?.baseCell, changed?.isElsewhere, removed?.baseCell, removed?.isElsewhere]).toEqual([1, undefined, undefined, true]);
    expect(listed([row("REMOVED", 2, 2)], true)[0]?.isElsewhere).toBeUndefined();
  });
});
