import type { AttributeValue, CellFacts, CellMeasure, FactMark, FactsTouched } from "@/editor";
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
  /** People are not sure what it is. */
  readonly uncertain: boolean;
  /** Names of further classes, one after the other. */
  readonly also: readonly { readonly id: string; readonly name: string }[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface RowSources {
  /** What the server knew when the list was read. */
  readonly listed: readonly ListedCell[];
  /** What is in the frame on the screen, own unsaved work included. */
  readonly measured: readonly CellMeasure[];
  readonly factsOf: (cell: number) => CellFacts | null;
  readonly classes: readonly LabelClass[];
  readonly t: number;
  readonly factsTouched: (since: FactMark | null) => FactsTouched;
}

/** Which rows are listed, and in which order. */
export interface RowView {
  readonly text: string;
  readonly onlyHere: boolean;
  readonly filter: CellFilter;
  readonly by: CellOrder;
  readonly descending: boolean;
}

/**
 * One row a cell. The picture is newer than the list: it decides on facts, presence and the frame's own area. Another
 * edit or frame costs the rows that it touches.
 */
export class CellRows {
  readonly #rows = new Map<number, CellRow>();
  #known: ReadonlyMap<number, ListedCell> = new Map();
  #byClass: ReadonlyMap<string, LabelClass> = new Map();
  #areas: ReadonlyMap<number, number> = new Map();
  #before: RowSources | null = null;
  #mark: FactMark | null = null;
  #view: RowView | null = null;
  #list: readonly CellRow[] = [];
  /** Cells whose rows are others than in the list that was made last. */
  readonly #stale = new Set<number>();
  #predicted = 0;
  /** Counts changes. */
  version = 0;

  get size(): number {
    return this.#rows.size;
  }

  get(cell: number): CellRow | undefined {
    return this.#rows.get(cell);
  }

  /** Whether any cell carries a predicted quality. */
  get arePredicted(): boolean {
    return this.#predicted > 0;
  }

  take(sources: RowSources): this {
    const before = this.#before;
    if (before === sources) return this;
    const areas = new Map(sources.measured.map(({ cell, area_px }) => [cell, area_px]));
    const { mark, cells } = sources.factsTouched(this.#mark);
    const isSame = before?.listed === sources.listed && before.classes === sources.classes;
    const touched = isSame && cells ? [...cells, ...otherAreas(this.#areas, areas, before.t !== sources.t)] : null;
    [this.#before, this.#areas, this.#mark] = [sources, areas, mark];
    if (touched) for (const cell of touched) this.#set(cell, sources);
    else this.#takeAll(sources);
    this.version++;
    return this;
  }

  #takeAll(sources: RowSources): void {
    this.#known = new Map(sources.listed.map((cell) => [cell.cell, cell]));
    this.#byClass = new Map(sources.classes.map((entry) => [entry.id, entry]));
    this.#rows.clear();
    this.#predicted = 0;
    this.#view = null;
    for (const cell of new Set([...this.#known.keys(), ...this.#areas.keys()])) this.#set(cell, sources);
  }

  #set(cell: number, sources: RowSources): void {
    const [row, old] = [this.#rowOf(cell, sources), this.#rows.get(cell)];
    this.#predicted += Number(row !== null && row.quality !== null) - Number(old !== undefined && old.quality !== null);
    if (row) this.#rows.set(cell, row);
    else this.#rows.delete(cell);
    this.#stale.add(cell);
  }

  #rowOf(cell: number, { factsOf, t }: RowSources): CellRow | null {
    const [facts, known, area_px] = [factsOf(cell), this.#known.get(cell), this.#areas.get(cell)];
    if (area_px === undefined && (!facts || !known)) return null;
    const label = facts?.class ? this.#byClass.get(facts.class) : undefined;
    const seen = area_px === undefined ? null : t;
    return {
      cell,
      classId: facts?.class ?? null,
      className: label?.name ?? null,
      classColor: label?.color ?? null,
      area_px: area_px ?? null,
      first: least(known?.first_t, seen),
      last: most(known?.last_t, seen),
      quality: facts?.quality ?? null,
      locked: facts?.locked ?? false,
      ignored: facts?.ignored ?? false,
      uncertain: facts?.uncertain ?? false,
      also: (facts?.also ?? NONE).map((id) => ({ id, name: this.#byClass.get(id)?.name ?? "?" })),
      attributes: facts?.attributes ?? NOTHING,
    };
  }

  /** The same list while neither the rows nor the view change. */
  list(view: RowView): readonly CellRow[] {
    const fits = (row: CellRow): boolean => isFound(row, view) && fitsFilter(row, view.filter);
    if (view !== this.#view) this.#list = orderRows([...this.#rows.values()].filter(fits), view.by, view.descending);
    else if (this.#stale.size > 0) {
      const fresh = [...this.#stale].flatMap((cell) => this.#rows.get(cell) ?? []).filter(fits);
      const rest = this.#list.filter(({ cell }) => !this.#stale.has(cell));
      this.#list = mergeRows(rest, orderRows(fresh, view.by, view.descending), rowOrder(view.by, view.descending));
    }
    this.#view = view;
    this.#stale.clear();
    return this.#list;
  }
}

/** Cells whose area is another; in another frame all of both. */
function* otherAreas(before: ReadonlyMap<number, number>, now: ReadonlyMap<number, number>, elsewhere: boolean): Iterable<number> {
  for (const [cell, area_px] of now) if (elsewhere || before.get(cell) !== area_px) yield cell;
  for (const cell of before.keys()) if (!now.has(cell)) yield cell;
}

function mergeRows(one: readonly CellRow[], other: readonly CellRow[], order: RowOrder): CellRow[] {
  const rows: CellRow[] = [];
  let at = 0;
  for (const row of other) {
    for (let next = one[at]; next && order(next, row) < 0; next = one[at]) {
      rows.push(next);
      at++;
    }
    rows.push(row);
  }
  return [...rows, ...one.slice(at)];
}

function least(a: number | null | undefined, b: number | null): number | null {
  if (a == null) return b;
  return b === null ? a : Math.min(a, b);
}

function most(a: number | null | undefined, b: number | null): number | null {
  if (a == null) return b;
  return b === null ? a : Math.max(a, b);
}

/** `attribute ID` orders by what was said of that attribute. */
export type CellOrder = "cell" | "area_px" | "first" | "quality" | "className" | "uncertain" | `attribute ${string}`;

const NONE: readonly string[] = [];
const NOTHING = {};

function orderedBy(row: CellRow, by: CellOrder): AttributeValue | null {
  if (by.startsWith("attribute ")) return row.attributes[by.slice("attribute ".length)] ?? null;
  return row[by as Exclude<CellOrder, `attribute ${string}`>];
}

type RowOrder = (one: CellRow, other: CellRow) => number;

/** Unknown values last, ids as the tie-break, so that the list never trembles. */
const rowOrder = (by: CellOrder, descending: boolean): RowOrder => {
  const sign = descending ? -1 : 1;
  return (one, other) => {
    const [a, b] = [orderedBy(one, by), orderedBy(other, by)];
    if (a === b) return by === "cell" ? 0 : one.cell - other.cell;
    if (a === null || b === null) return a === null ? 1 : -1;
    return a < b ? -sign : sign;
  };
};

export const orderRows = (rows: readonly CellRow[], by: CellOrder, descending: boolean): CellRow[] => [...rows].sort(rowOrder(by, descending));

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
  readonly uncertain: boolean | null;
  /** What an attribute must be; "" for cells of which nobody said. */
  readonly attribute: { readonly id: string; readonly value: AttributeValue } | null;
}

export const NO_FILTER: CellFilter = { classId: null, least_px: null, most_px: null, mostQuality: null, locked: null, ignored: null, uncertain: null, attribute: null };

export const countAsked = (filter: CellFilter): number => Object.values(filter).filter((value) => value !== null).length;

/** What is not known (an area in another frame, a quality of something drawn) does not fit a bound. */
export function fitsFilter(row: CellRow, { classId, least_px, most_px, mostQuality, locked, ignored, uncertain, attribute }: CellFilter): boolean {
  return (
    (classId === null || (row.classId ?? "") === classId || row.also.some(({ id }) => id === classId)) &&
    (uncertain === null || row.uncertain === uncertain) &&
    (attribute === null || (row.attributes[attribute.id] ?? "") === attribute.value) &&
    (least_px === null || (row.area_px !== null && row.area_px >= least_px)) &&
    (most_px === null || (row.area_px !== null && row.area_px <= most_px)) &&
    (mostQuality === null || (row.quality !== null && row.quality <= mostQuality)) &&
    (locked === null || row.locked === locked) &&
    (ignored === null || row.ignored === ignored)
  );
}

/** Digits find a cell by its number; other text finds classes. */
function isFound(row: CellRow, { text, onlyHere }: Pick<RowView, "text" | "onlyHere">): boolean {
  if (onlyHere && row.area_px === null) return false;
  const wanted = text.trim().toLowerCase();
  return wanted === "" || String(row.cell).startsWith(wanted) || (row.className?.toLowerCase().includes(wanted) ?? false) || row.also.some(({ name }) => name.toLowerCase().includes(wanted));
}
