import { expect, it } from "vitest";
import { daysBack } from "./days";

it("W11: days end today, over the ends of months", () => {
  expect(daysBack(3, new Date("2026-03-01T23:30:00Z"))).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
  expect(daysBack(90, new Date("2026-03-01T00:00:00Z"))).toHaveLength(90);
});
