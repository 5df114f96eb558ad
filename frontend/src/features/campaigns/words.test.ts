import { expect, it } from "vitest";
import type { Measure } from "./queries";
import { f1Steps, isSingle, measureWords } from "./words";

const measure = (name: string, value: number | null, low: number | null = null): Measure => ({ kind: "OUTLINE", measure: name, value, low, high: low === null ? null : 1, items: 3 });

it("draws F1 by overlap as a curve, and the rest as numbers", () => {
  const told = [measure("f1_90", 0.2, 0.1), measure("f1_50", 0.9), measure("ap_50", 0.8), measure("pq", 0.7), measure("f1_70", null), measure("alpha", 0.6)];
  expect(f1Steps(told)).toEqual([
    { iou: 0.5, value: 0.9, low: 0.9, high: 0.9 },
    { iou: 0.9, value: 0.2, low: 0.1, high: 1 },
  ]);
  expect(told.filter(isSingle).map((one) => measureWords(one))).toEqual(["Panoptic quality", "Krippendorff's alpha"]);
});

it("says an unknown measure as well as it can", () => {
  expect(measureWords({ measure: "boundary_f1" })).toBe("Boundary f1");
});
