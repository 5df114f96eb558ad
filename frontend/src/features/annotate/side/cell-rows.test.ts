import { NO_FACTS } from "@/editor";
import { describe, expect, it } from "vitest";
import { CellRows, countAsked, fitsFilter, NO_FILTER, orderRows, type CellRow, type RowSources, type RowView } from "./cell-rows";

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

const touched = (cells: readonly number[] | null): RowSources["factsTouched"] => () => ({ mark: { of: {}, version: 0 }, cells });

const VIEW: RowView = { text: "", onlyHere: false, filter: NO_FILTER, by: "cell", descending: false };

const sourcesOf = (factsOf: RowSources["factsOf"]): RowSources => ({ listed: [listed(1, 0, 3), listed(2, 2, 4)], measured: [measure(2, 80), measure(9, 30)], factsOf, classes, t: 5, factsTouched: touched(null) });

const rowsOf = (factsOf: RowSources["factsOf"], view: Partial<RowView> = {}): readonly CellRow[] => new CellRows().take(sourcesOf(factsOf)).list({ ...VIEW, ...view });

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
    const found = (view: Partial<RowView>) => rowsOf((cell) => facts(cell === 2 ? "m" : null), view).map((row) => row.cell);
    expect([found({ text: "9" }), found({ text: "mit" }), found({ onlyHere: true })]).toEqual([[9], [2], [2, 9]]);
  });

  it("M17 filters by class, size, quality, lock and mark; what is unknown fits no bound", () => {
    const rows = rowsOf((cell) => ({ ...facts(cell === 2 ? "m" : null, cell === 9 ? 0.4 : null), locked: cell === 1, ignored: cell === 9 }));
    const found = (filter: Partial<typeof NO_FILTER>) => rows.filter((row) => fitsFilter(row, { ...NO_FILTER, ...filter })).map((row) => row.cell);
    expect([found({ classId: "m" }), found({ classId: "" }), found({ least_px: 40 }), found({ most_px: 40 })]).toEqual([[2], [1, 9], [2], [9]]);
    expect([found({ mostQuality: 0.5 }), found({ locked: true }), found({ ignored: false }), found({})]).toEqual([[9], [1], [1, 2], [1, 2, 9]]);
    expect(countAsked({ ...NO_FILTER, locked: false, least_px: 0 })).toBe(2);
  });

  it("follows edits and frames as if it were made anew", () => {
    let seed = 5;
    const random = (most: number) => (seed = (seed * 48271) % 2147483647) % most;
    const known = Array.from({ length: 30 }, (_, i) => listed(i + 1, random(4), 4 + random(4)));
    const table = new Map<number, ReturnType<typeof facts>>(known.map(({ cell }) => [cell, facts()]));
    const rows = new CellRows();
    let areas = new Map<number, number>();
    let [t, view] = [0, VIEW];
    for (let step = 0; step < 300; step++) {
      const cell = 1 + random(34);
      if (random(4)) table.set(cell, facts(random(2) ? "m" : null, random(2) ? random(9) / 9 : null));
      else table.delete(cell);
      areas = new Map(areas);
      if (random(3)) areas.set(cell, random(90));
      else areas.delete(cell);
      if (random(9) === 0) [t, areas] = [random(8), new Map([[1 + random(30), 7], [1 + random(30), 8]])];
      if (random(9) === 0) view = { ...VIEW, onlyHere: random(2) > 0, by: (["cell", "area_px", "quality", "className"] as const)[random(4)], descending: random(2) > 0 };
      const sources = { listed: known, measured: [...areas].map(([one, area_px]) => measure(one, area_px)), factsOf: (one: number) => table.get(one) ?? null, classes, t, factsTouched: touched([cell]) };
      rows.take(sources);
      if (random(4) === 0) continue;
      const anew = new CellRows().take({ ...sources, factsTouched: touched(null) });
      expect(rows.list(view)).toEqual(anew.list(view));
      expect([rows.size, rows.arePredicted]).toEqual([anew.size, anew.arePredicted]);
    }
  });

  it("makes new rows of no other cells than those that an edit touched", () => {
    const sources = { ...sourcesOf(() => facts()), listed: Array.from({ length: 5_000 }, (_, i) => listed(i + 1, 0, 3)) };
    const rows = new CellRows().take(sources);
    const before = rows.list(VIEW);
    const after = rows.take({ ...sources, measured: [measure(2, 81), measure(9, 30)], factsTouched: touched([7]) }).list(VIEW);
    expect(after.filter((row, at) => row !== before[at]).map(({ cell }) => cell)).toEqual([2, 7]);
  });
});
