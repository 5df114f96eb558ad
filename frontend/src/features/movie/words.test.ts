import { expect, test } from "vitest";
import type { Fault } from "./queries";
import { cellWords, faultAddress, measureWords } from "./words";

const FAULT = { kind: "MISSED_DIVISION", t: 7, z: 0, y: 20, x: 31, size_px: 400, shown: "im", branch: "b", revision: 3, truth_cells: [1, 2, 3], predicted_cells: [4, 5, 6] } as unknown as Fault;

test("an error opens the editor at its frame and place, on the labels that were scored", () => {
  const { to, search } = faultAddress("p", FAULT);
  expect(to).toBe("/projects/p/annotate/im");
  expect(search).toEqual({ t: "7", z: "0", at: "20,31,6", branch: "b", revision: "3", cell: "4,5,6" });
});

test("the cells of an error are those of the draft where it has any", () => {
  expect(cellWords(FAULT)).toBe("4 → 5, 6");
  expect(cellWords({ ...FAULT, predicted_cells: [] })).toBe("1 → 2, 3");
  expect(cellWords({ ...FAULT, predicted_cells: [9] })).toBe("9");
});

test("columns are told in words with their unit", () => {
  expect(measureWords("speed_um_s")).toBe("Speed, µm/s");
  expect(measureWords("speed_px")).toBe("Speed, px a frame");
  expect(measureWords("area_um2")).toBe("Area, µm²");
  expect(measureWords("mean_DAPI")).toBe("Mean of DAPI");
  expect(measureWords("cycle_frames")).toBe("Cycle, frames");
});
