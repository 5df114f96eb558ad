import { describe, expect, it } from "vitest";
import { classRows, judgementOf } from "./class-judgement";

describe("how a classifier did", () => {
  const told = { confusion: [[8, 2, 0], [1, 9, 0], [0, 0, 0]], reliability: [] };

  it("is read from the test images before the validation images, and from no other model", () => {
    const classification = { classes: ["a", "b", "c"], validation: { ...told, confusion: [] }, test: told };
    expect(judgementOf({ classification })).toEqual({ names: ["a", "b", "c"], split: "test", told });
    expect(judgementOf({ classification: { classes: ["a"], validation: told } })?.split).toBe("validation");
    expect(judgementOf({ classification: { classes: ["a"] } })).toBeNull();
    expect(judgementOf({})).toBeNull();
  });

  it("is a row for each class; what was never seen or told has no share", () => {
    const [a, b, c] = classRows(["a", "b", "c"], told.confusion);
    expect(a).toEqual({ name: "a", cells: 10, recall: 0.8, precision: 8 / 9, f1: 16 / 19 });
    expect(b?.precision).toBe(9 / 11);
    expect(c).toEqual({ name: "c", cells: 0, recall: null, precision: null, f1: null });
  });
});
