/**
 * Where each track stands: time runs to the right, families stand one below the other, each as a tree lying on its
 * side. A cell without daughters gets a row of its own; a mother stands in the middle of her daughters.
 */
import { firstOf, lastOf } from "./spans";
import type { Track, TrackTable } from "./track-table";

/** Where a track stands in its family. */
export class Placed {
  constructor(
    private readonly family: Family,
    readonly track: Track,
    /** Rows below the top of the family; a mother may stand between two. */
    private readonly below: number,
    readonly daughters: readonly number[],
    /** Descendants that are folded away. */
    readonly folded: number,
  ) {}

  /** Rows from the top of the tree. */
  get row(): number {
    return this.family.top + this.below;
  }
}

/** Rows `top` ≤ row < `bottom`; it keeps its shape while others above it grow. */
export class Family {
  top = 0;
  members: readonly Placed[] = [];

  constructor(
    readonly founder: number,
    /** All of them, those that are folded away included. */
    readonly cells: readonly number[],
  ) {}

  height = 0;

  get bottom(): number {
    return this.top + this.height;
  }
}

export interface Layout {
  readonly families: readonly Family[];
  readonly rows: number;
  readonly places: ReadonlyMap<number, Placed>;
  readonly divisions: number;
}

export interface Shown {
  /** Mothers whose descendants are folded away. */
  readonly folded: ReadonlySet<number>;
  /** Only the family of this cell. */
  readonly only: number | null;
  /** A family is shown when one of its cells is wanted. */
  readonly wanted: (track: Track) => boolean;
}

export const ALL: Shown = { folded: new Set(), only: null, wanted: () => true };

export const layOut = (table: TrackTable, shown: Shown = ALL): Layout => new TreeLayout(table).of(shown);

/** The layout of a table that changes: after an edit only the families that it touched are laid out anew. */
export class TreeLayout {
  readonly #daughters = new Map<number, readonly number[]>();
  readonly #mothers = new Map<number, number>();
  readonly #families = new Map<number, Family>();
  /** The founder of each cell that has a frame. */
  readonly #founders = new Map<number, number>();
  #order: number[] = [];
  readonly #places = new Map<number, Placed>();
  #shown: Shown | null = null;
  #version = -1;
  #layout: Layout = { families: [], rows: 0, places: this.#places, divisions: 0 };

  constructor(private readonly table: TrackTable) {}

  /** The same object while neither the table nor what is to be seen changes. */
  of(shown: Shown): Layout {
    const touched = shown === this.#shown && shown.only === null ? this.table.touchedSince(this.#version) : null;
    if (shown === this.#shown && this.#version === this.table.version) return this.#layout;
    [this.#shown, this.#version] = [shown, this.table.version];
    if (touched) this.#renew(touched);
    else this.#renewAll();
    this.#layout = this.#stacked();
    return this.#layout;
  }

  #renewAll(): void {
    for (const known of [this.#daughters, this.#mothers, this.#families, this.#founders, this.#places]) known.clear();
    const cells = [...this.table.all()].map(({ cell }) => cell);
    for (const cell of cells) this.#relate(cell);
    this.#order = this.#found(cells);
  }

  #renew(touched: readonly number[]): void {
    const stale = this.#familiesOf([...touched, ...touched.flatMap((cell) => this.#kinOf(cell))]);
    for (const cell of touched) this.#relate(cell);
    for (const founder of this.#familiesOf(touched.flatMap((cell) => this.#kinOf(cell)))) stale.add(founder);
    const cells = new Set(touched);
    for (const founder of this.#joined(stale)) {
      for (const cell of this.#families.get(founder)?.cells ?? []) cells.add(cell);
      this.#families.delete(founder);
    }
    for (const cell of cells) this.#places.delete(cell);
    for (const cell of cells) this.#founders.delete(cell);
    const fresh = this.#found([...cells].filter((cell) => this.table.get(cell)));
    this.#order = merged(this.#order.filter((founder) => !stale.has(founder)), fresh);
  }

  /** Its mother and its daughters, as related last. */
  #kinOf(cell: number): readonly number[] {
    const mother = this.#mothers.get(cell);
    return [...(this.#daughters.get(cell) ?? NOBODY), ...(mother === undefined ? NOBODY : [mother])];
  }

  #familiesOf(cells: readonly number[]): Set<number> {
    return new Set(cells.flatMap((cell) => this.#founders.get(cell) ?? NOBODY));
  }

  /** With those that hang together with them: circles of mothers have several founders. Adds to the set. */
  #joined(founders: Set<number>): Set<number> {
    for (const founder of founders) {
      const mother = this.#mothers.get(founder);
      const joined = mother === undefined ? undefined : this.#founders.get(mother);
      if (joined !== undefined) founders.add(joined);
      for (const cell of this.#families.get(founder)?.cells ?? []) {
        for (const daughter of this.#daughters.get(cell) ?? NOBODY) founders.add(this.#founders.get(daughter) ?? founder);
      }
    }
    return founders;
  }

  /** Who its mother is now; a cell without a frame has none. */
  #relate(cell: number): void {
    const [before, mother] = [this.#mothers.get(cell), this.table.get(cell)?.facts.mother ?? undefined];
    if (before === mother) return;
    if (before !== undefined) {
      const rest = (this.#daughters.get(before) ?? NOBODY).filter((one) => one !== cell);
      if (rest.length > 0) this.#daughters.set(before, rest);
      else this.#daughters.delete(before);
    }
    this.#mothers.delete(cell);
    if (mother === undefined) return;
    this.#mothers.set(cell, mother);
    this.#daughters.set(mother, merged(this.#daughters.get(mother) ?? NOBODY, [cell]));
  }

  /** Makes the families of these cells, whole ones; answers their founders, ascending. */
  #found(cells: readonly number[]): number[] {
    const ascending = [...cells].sort((a, b) => a - b);
    const founders = ascending.filter((cell) => { const mother = this.#mothers.get(cell); return mother === undefined || !this.table.get(mother); });
    for (const founder of founders) this.#make(founder);
    const circles: number[] = [];
    for (const cell of ascending) {
      if (this.#founders.has(cell)) continue;
      // A circle begins at its lowest cell.
      circles.push(cell);
      this.#make(cell);
    }
    return merged(founders, circles);
  }

  #make(founder: number): void {
    const cells: number[] = [];
    const stack = [founder];
    for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
      if (this.#founders.has(cell)) continue;
      this.#founders.set(cell, founder);
      cells.push(cell);
      const own = this.#daughters.get(cell);
      if (own) stack.push(...own);
    }
    this.#families.set(founder, this.#placed(new Family(founder, cells)));
  }

  #placed(family: Family): Family {
    const shown = this.#shown ?? ALL;
    if (shown.only !== null && founderOf(this.table, shown.only) !== family.founder) return family;
    const isWanted = shown === ALL || family.cells.some((cell) => { const track = this.table.get(cell); return track !== undefined && shown.wanted(track); });
    if (!isWanted) return family;
    family.members = place(this.table, family, this.#daughters, shown.folded);
    for (const member of family.members) this.#places.set(member.track.cell, member);
    family.height = 1 + Math.floor(family.members.reduce((most, { row }) => Math.max(most, row), 0));
    return family;
  }

  /** One below the other. */
  #stacked(): Layout {
    const families: Family[] = [];
    let [rows, divisions] = [0, 0];
    for (const founder of this.#order) {
      const family = this.#families.get(founder);
      if (!family || family.height === 0) continue;
      family.top = rows;
      rows += family.height;
      for (const { daughters } of family.members) if (daughters.length > 1) divisions++;
      families.push(family);
    }
    return { families, rows, places: this.#places, divisions };
  }
}

/** Two ascending lists as one. */
function merged(one: readonly number[], other: readonly number[]): number[] {
  return other.length === 0 ? [...one] : [...one, ...other].sort((a, b) => a - b);
}

type Daughters = ReadonlyMap<number, readonly number[]>;

const NOBODY: readonly number[] = [];

function middleOf(cells: readonly number[], rows: ReadonlyMap<number, number>): number | null {
  let [low, high] = [Infinity, -Infinity];
  for (const cell of cells) {
    const row = rows.get(cell);
    if (row !== undefined) [low, high] = [Math.min(low, row), Math.max(high, row)];
  }
  return low <= high ? (low + high) / 2 : null;
}

/** Members of a family from the top row on, mothers after their daughters; no recursion, as lines may be long. */
function place(table: TrackTable, family: Family, daughters: Daughters, folded: ReadonlySet<number>): Placed[] {
  const { founder } = family;
  const alone = daughters.has(founder) ? undefined : table.get(founder);
  if (alone) return [new Placed(family, alone, 0, NOBODY, 0)];
  const rows = new Map<number, number>();
  const placed: Placed[] = [];
  const seen = new Set<number>([founder]);
  const stack: { cell: number; open: boolean }[] = [{ cell: founder, open: false }];
  let next = 0;
  while (stack.length > 0) {
    const { cell, open } = stack.pop()!;
    const track = table.get(cell);
    if (!track) continue;
    const own = daughters.get(cell) ?? NOBODY;
    if (!open && own.length > 0 && !folded.has(cell)) {
      stack.push({ cell, open: true });
      for (const daughter of byStart(table, own).reverse()) {
        if (seen.has(daughter)) continue;
        seen.add(daughter);
        stack.push({ cell: daughter, open: false });
      }
      continue;
    }
    const row = (open ? middleOf(own, rows) : null) ?? next++;
    rows.set(cell, row);
    placed.push(new Placed(family, track, row, open ? own.filter((daughter) => rows.has(daughter)) : NOBODY, open ? 0 : countBelow(daughters, cell)));
  }
  return placed;
}

const byStart = (table: TrackTable, cells: readonly number[]): number[] =>
  [...cells].sort((a, b) => firstOf(table.get(a)?.spans ?? []) - firstOf(table.get(b)?.spans ?? []) || a - b);

function below(daughters: Daughters, cell: number): number[] {
  const found = new Set<number>();
  const stack = [...(daughters.get(cell) ?? [])];
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    if (found.has(one) || one === cell) continue;
    found.add(one);
    stack.push(...(daughters.get(one) ?? []));
  }
  return [...found];
}

const countBelow = (daughters: Daughters, cell: number): number => (daughters.has(cell) ? below(daughters, cell).length : 0);

/** The oldest known ancestor. */
export function founderOf(table: TrackTable, cell: number): number {
  const seen = new Set<number>();
  let now = cell;
  for (;;) {
    const mother = table.get(now)?.facts.mother ?? null;
    if (mother === null || !table.get(mother)) return now;
    if (seen.has(now)) return Math.min(...seen);
    seen.add(now);
    now = mother;
  }
}

/** The family and the track at a row and frame; null beside all of them. A bar is hit half a row above and below. */
export function hitTest({ families }: Layout, row: number, t: number, slack_frames: number): Placed | null {
  const family = familyAt(families, row);
  let best: Placed | null = null;
  for (const member of family?.members ?? []) {
    const { spans } = member.track;
    const inTime = t >= firstOf(spans) - slack_frames && t <= lastOf(spans) + 1 + slack_frames;
    const away = Math.abs(member.row + 0.5 - row);
    if (inTime && away <= 0.5 && (!best || away < Math.abs(best.row + 0.5 - row))) best = member;
  }
  return best;
}

export function familyAt(families: readonly Family[], row: number): Family | undefined {
  return families[firstBelow(families, row)];
}

/** Index of the first family that ends below this row. */
export function firstBelow(families: readonly Family[], row: number): number {
  let [low, high] = [0, families.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((families[middle]?.bottom ?? 0) <= row) low = middle + 1;
    else high = middle;
  }
  return low;
}
