import { expect, test } from "vitest";
import { inOrder, said } from "./words";

test("W10: measures are drawn in one order, without those that are not there", () => {
  const one = { value: 0.5, low: null, high: null };
  expect(inOrder({ pq: one, f1_90: one, other: one, f1_50: one }).map(({ key }) => key)).toEqual(["f1_50", "f1_90", "pq"]);
});

test("W10: an interval is said where there is one", () => {
  expect(said({ value: 0.5, low: 0.4, high: 0.625 })).toBe("0.500 (0.400 to 0.625)");
  expect(said({ value: 1, low: null, high: null })).toBe("1.000");
});
