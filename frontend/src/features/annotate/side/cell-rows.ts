import type { CellFacts, CellMeasure } from "@/editor";
import type { LabelClass, ListedCell } from "../types";

export interface CellRow {
  readonly cell: number;
  /** Null: no class. */
  readonly classId: string | null;
  readonly className: string | null;
  readonly classColor: string | null;
  /** In the frame on the screen; null when the cell is not there. */
  readonly area_px: number | null;
  readonly first: number | null;
  readonly last: number | null;
  readonly quality: number | null;
  readonly locked: boolean;
  readonly ignored: boolean;
}

export interface RowSources {
  /** What the server knew when the list was read. */
  readonly listed: readonly ListedCell[];
  /** What is in the frame on the screen, own unsaved work included. */
  readonly measured: readonly CellMeasure[];
  readonly factsOf: (cell: number) => CellFacts | null;
  readonly classes: readonly LabelClass[];
  readonly t: number;
}

/** One row a cell. The picture is newer than the list: it decides on facts, presence and the frame's own area. */
export function cellRows({ listed, measured, factsOf, classes, t }: RowSources): CellRow[] {
  const byClass = new Map(classes.map((entry) => [entry.id, entry]));
  const here = new Map(measured.map((measure) => [measure.cell, measure.area_px]));
  const known = new Map(listed.map((cell) => [cell.cell, cell]));
  const ids = new Set([...known.keys(), ...here.keys()]);
  const rows: CellRow[] = [];
  for (const cell of ids) {
    const facts = factsOf(cell);
    if (!facts && !here.has(cell)) continue;
    const label = facts?.class ? byClass.get(facts.class) : undefined;
    const seen = here.has(cell) ? t : null;
    rows.push({
      cell,
      classId: facts?.class ?? null,
      className: label?.name ?? null,
      classColor: label?.color ?? null,
      area_px: here.get(cell) ?? null,
      first: least(known.get(cell)?.first_t, seen),
      last: most(known.get(cell)?.last_t, seen),
      quality: facts?.quality ?? null,
      locked: facts?.locked ?? false,
      ignored: facts?.ignored ?? false,
    });
  }
  return rows;
}

function least(a: number | null | undefined, b: number | null): number | null {
  if (a == null) return b;
  return b === null ? a : Math.min(a, b);
}

function most(a: number | null | undefined, b: number | null): number | null {
  if (a == null) return b;
  return b === null ? a : Math.max(a, b);
}

export type CellOrder = "cell" | "area_px" | "first" | "quality" | "className";

/** Unknown values last, ids as the tie-break, so that the list never trembles. */
export function orderRows(rows: readonly CellRow[], by: CellOrder, descending: boolean): CellRow[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one[by], other[by]];
    if (a === b) return one.cell - other.cell;
    if (a === null || b === null) return a === null ? 1 : -1;
    return a < b ? -sign : sign;
  });
}

/** What a row must be to be listed; null asks nothing. */
export interface CellFilter {
  /** A class's id; "" for cells without one. */
  readonly classId: string | null;
  /** In the frame on the screen, px. */
  readonly least_px: number | null;
  readonly most_px: number | null;
  /** Predicted quality at most this: what a model was unsure of. */
  readonly mostQuality: number | null;
  readonly locked: boolean | null;
  readonly ignored: boolean | null;
}

export const NO_FILTER: CellFilter = { classId: null, least_px: null, most_px: null, mostQuality: null, locked: null, ignored: null };

export const countAsked = (filter: CellFilter): number => Object.values(filter).filter((value) => value !== null).length;

/** What is not known (an area in another frame, a quality of something drawn) does not fit a bound. */
export function fitsFilter(row: CellRow, { classId, least_px, most_px, mostQuality, locked, ignored }: CellFilter): boolean {
  return (
    (classId === null || (row.classId ?? "") === classId) &&
    (least_px === null || (row.area_px !== null && row.area_px >= least_px)) &&
    (most_px === null || (row.area_px !== null && row.area_px <= most_px)) &&
    (mostQuality === null || (row.quality !== null && row.quality <= mostQuality)) &&
    (locked === null || row.locked === locked) &&
    (ignored === null || row.ignored === ignored)
  );
}

/** Digits find a cell by its number; other text finds classes. */
export function filterRows(rows: readonly CellRow[], text: string, onlyHere: boolean): CellRow[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter((row) => {
    if (onlyHere && row.area_px === null) return false;
    if (wanted === "") return true;
    return String(row.cell).startsWith(wanted) || (row.className?.toLowerCase().includes(wanted) ?? false);
  });
}
