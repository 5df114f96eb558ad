import { expect, test } from "vitest";
import type { Frame } from "./queries";
import { drawable, medians, reach, rowsOf, seriesOf, usual } from "./series";

const FRAMES: Frame[] = [
  { t: 0, columns: { t: [0, 0], cell: [1, 2], area_px: [4, 8], speed_px: [null, null], mean_DAPI: [1, 2], class: ["a", ""] } },
  { t: 1, columns: { t: [1], cell: [1], area_px: [6], speed_px: [1.5], mean_DAPI: [3], class: ["a"] } },
];

test("a cell's values are told by frame, unknown ones left out", () => {
  expect(seriesOf(FRAMES, "area_px")).toEqual([
    { cell: 1, points: [[0, 4], [1, 6]] },
    { cell: 2, points: [[0, 8]] },
  ]);
  expect(seriesOf(FRAMES, "speed_px")).toEqual([{ cell: 1, points: [[1, 1.5]] }]);
});

test("medians and the reach of all cells", () => {
  const series = seriesOf(FRAMES, "area_px");
  expect(medians(series)).toEqual([[0, 6], [1, 6]]);
  expect(reach(series)).toEqual([4, 8]);
  expect(reach([])).toEqual([0, 1]);
  expect(reach([{ cell: 1, points: [[0, 3]] }])).toEqual([2, 4]);
});

test("numbers are drawn, names and places are not", () => {
  expect(drawable(FRAMES)).toEqual(["area_px", "speed_px", "mean_DAPI"]);
  expect(usual(drawable(FRAMES))).toEqual(["area_px", "mean_DAPI", "speed_px"]);
});

test("a row for each cell in each frame", () => {
  const rows = rowsOf(FRAMES);
  expect(rows.map((row) => row.key)).toEqual(["0 1", "0 2", "1 1"]);
  expect(rows[2]?.values.area_px).toBe(6);
});
