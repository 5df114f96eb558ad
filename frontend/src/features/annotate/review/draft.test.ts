import { describe, expect, it } from "vitest";
import { EMPTY_DRAFT, mayReturn, reviewBody, type DraftNote } from "./draft";
import { countKinds, orderChanges } from "./changes";
import type { ChangedCell } from "../types";

const note = (text: string): DraftNote => ({ key: 1, t: 2, z: 0, y: 10.5, x: 4, cell: 7, text });
const change = (cell: number, iou: number | null, change: ChangedCell["change"] = "CHANGED"): ChangedCell => ({ change, cell, t: 0, z: 0, iou, y: 0, x: 0 });

describe("a review", () => {
  it("sends what was written, without the draft's own keys and without empty notes", () => {
    expect(reviewBody("RETURNED", { comment: " see notes ", notes: [note(" two cells "), note("  ")] }, 9)).toEqual({
      number: 9,
      verdict: "RETURNED",
      comment: "see notes",
      notes: [{ t: 2, z: 0, y: 10.5, x: 4, cell: 7, text: "two cells" }],
    });
  });

  it("returns only with a word", () => {
    expect(mayReturn(EMPTY_DRAFT)).toBe(false);
    expect(mayReturn({ comment: "", notes: [note(" ")] })).toBe(false);
    expect(mayReturn({ comment: "", notes: [note("hole")] })).toBe(true);
    expect(mayReturn({ comment: "all frames", notes: [] })).toBe(true);
  });

  it("shows first what is least alike", () => {
    const order = orderChanges([change(1, 0.9), change(2, null, "ADDED"), change(3, 0.4), change(4, null, "REMOVED"), change(5, null, "FACTS")]);
    expect(order.map((entry) => entry.cell)).toEqual([2, 4, 3, 1, 5]);
    expect(countKinds(order)).toEqual({ ADDED: 1, REMOVED: 1, CHANGED: 2, RENAMED: 0, FACTS: 1 });
  });
});
