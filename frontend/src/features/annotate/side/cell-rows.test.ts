import { NO_FACTS } from "@/editor";
import { describe, expect, it } from "vitest";
import { cellRows, countAsked, filterRows, fitsFilter, NO_FILTER, orderRows, type CellRow } from "./cell-rows";

const measure = (cell: number, area_px: number) => ({
  cell,
  area_px,
  bounds: { y_min: 0, x_min: 0, y_max: 1, x_max: 1 },
  centroid_y: 0,
  centroid_x: 0,
});
const facts = (id: string | null = null, quality: number | null = null) => ({ ...NO_FACTS, class: id, quality });
const listed = (cell: number, first: number, last: number) => ({ cell, facts: facts(), first_t: first, last_t: last });
const classes = [{ id: "m", project: "p", name: "Mitotic", color: "#e69f00", position: 0, archived: false }];

function rowsOf(factsOf: (cell: number) => ReturnType<typeof facts> | null): CellRow[] {
  return cellRows({ listed: [listed(1, 0, 3), listed(2, 2, 4)], measured: [measure(2, 80), measure(9, 30)], factsOf, classes, t: 5 });
}

describe("the list of cells", () => {
  it("joins what the server knew with what is on the screen", () => {
    const rows = rowsOf((cell) => facts(cell === 2 ? "m" : null, cell === 9 ? 0.4 : null));
    expect(rows.map(({ cell, area_px, first, last }) => [cell, area_px, first, last])).toEqual([
      [1, null, 0, 3],
      [2, 80, 2, 5],
      [9, 30, 5, 5],
    ]);
    expect(rows[1]).toMatchObject({ className: "Mitotic", classColor: "#e69f00" });
  });

  it("leaves out a cell that has been deleted here and is gone from the frame", () => {
    expect(rowsOf((cell) => (cell === 1 ? null : facts())).map((row) => row.cell)).toEqual([2, 9]);
  });

  it("orders by any column with unknown values last either way", () => {
    const rows = rowsOf(() => facts());
    expect(orderRows(rows, "area_px", false).map((row) => row.cell)).toEqual([9, 2, 1]);
    expect(orderRows(rows, "area_px", true).map((row) => row.cell)).toEqual([2, 9, 1]);
  });

  it("finds by number, by class, and by being in the frame", () => {
    const rows = rowsOf((cell) => facts(cell === 2 ? "m" : null));
    expect(filterRows(rows, "9", false).map((row) => row.cell)).toEqual([9]);
    expect(filterRows(rows, "mit", false).map((row) => row.cell)).toEqual([2]);
    expect(filterRows(rows, "", true).map((row) => row.cell)).toEqual([2, 9]);
  });

  it("M17 filters by class, size, quality, lock and mark; what is unknown fits no bound", () => {
    const rows = rowsOf((cell) => ({ ...facts(cell === 2 ? "m" : null, cell === 9 ? 0.4 : null), locked: cell === 1, ignored: cell === 9 }));
    const found = (filter: Partial<typeof NO_FILTER>) => rows.filter((row) => fitsFilter(row, { ...NO_FILTER, ...filter })).map((row) => row.cell);
    expect([found({ classId: "m" }), found({ classId: "" }), found({ least_px: 40 }), found({ most_px: 40 })]).toEqual([[2], [1, 9], [2], [9]]);
    expect([found({ mostQuality: 0.5 }), found({ locked: true }), found({ ignored: false }), found({})]).toEqual([[9], [1], [1, 2], [1, 2, 9]]);
    expect(countAsked({ ...NO_FILTER, locked: false, least_px: 0 })).toBe(2);
  });
});
