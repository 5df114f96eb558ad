/**
 * Where each track stands: time runs to the right, families stand one below the other, each as a tree lying on its
 * side. A cell without daughters gets a row of its own; a mother stands in the middle of her daughters.
 */
import { firstOf, lastOf } from "./spans";
import type { Track, TrackTable } from "./track-table";

export interface Placed {
  readonly track: Track;
  /** Rows from the top; a mother may stand between two. */
  readonly row: number;
  readonly daughters: readonly number[];
  /** Descendants that are folded away. */
  readonly folded: number;
}

/** Rows `top` ≤ row < `bottom`. */
export interface Family {
  readonly founder: number;
  readonly top: number;
  readonly bottom: number;
  readonly members: readonly Placed[];
}

export interface Layout {
  readonly families: readonly Family[];
  readonly rows: number;
  readonly places: ReadonlyMap<number, Placed>;
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

export function layOut(table: TrackTable, shown: Shown = ALL): Layout {
  const { roots, daughters } = relations(table);
  const only = shown.only === null ? null : founderOf(table, shown.only);
  const families: Family[] = [];
  const places = new Map<number, Placed>();
  let top = 0;
  for (const founder of roots) {
    if (only !== null && founder !== only) continue;
    const members = place(table, founder, daughters, shown.folded, top);
    if (shown !== ALL && !members.some(({ track }) => shown.wanted(track)) && !foldedWanted(table, founder, daughters, shown)) continue;
    for (const member of members) places.set(member.track.cell, member);
    const bottom = 1 + Math.floor(members.reduce((most, { row }) => Math.max(most, row), top));
    families.push({ founder, top, bottom, members });
    top = bottom;
  }
  return { families, rows: top, places };
}

interface Relations {
  readonly roots: readonly number[];
  readonly daughters: ReadonlyMap<number, readonly number[]>;
}

/** Cells that nobody is known to be the mother of, ascending; a circle begins at its lowest cell. */
function relations(table: TrackTable): Relations {
  const daughters = new Map<number, number[]>();
  const tracks = [...table.all()].sort((a, b) => a.cell - b.cell);
  const roots: number[] = [];
  for (const { cell, facts } of tracks) {
    const own = facts.mother === null ? undefined : daughters.get(facts.mother);
    if (own) own.push(cell);
    else if (facts.mother === null || !table.get(facts.mother)) roots.push(cell);
    else daughters.set(facts.mother, [cell]);
  }
  return { roots: withCircles(tracks, roots, daughters), daughters };
}

/** The roots, and one cell of each circle, from which all others are reached. */
function withCircles(tracks: readonly Track[], roots: number[], daughters: ReadonlyMap<number, readonly number[]>): number[] {
  const seen = new Set<number>();
  const walk = (from: number): void => {
    const stack = [from];
    for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
      if (seen.has(cell)) continue;
      seen.add(cell);
      const own = daughters.get(cell);
      if (own) stack.push(...own);
    }
  };
  roots.forEach(walk);
  if (seen.size === tracks.length) return roots;
  for (const { cell } of tracks) {
    if (seen.has(cell)) continue;
    roots.push(cell);
    walk(cell);
  }
  return roots.sort((a, b) => a - b);
}

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
function place(table: TrackTable, founder: number, daughters: Relations["daughters"], folded: ReadonlySet<number>, top: number): Placed[] {
  const alone = daughters.has(founder) ? undefined : table.get(founder);
  if (alone) return [{ track: alone, row: top, daughters: NOBODY, folded: 0 }];
  const rows = new Map<number, number>();
  const placed: Placed[] = [];
  const seen = new Set<number>([founder]);
  const stack: { cell: number; open: boolean }[] = [{ cell: founder, open: false }];
  let next = top;
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
    placed.push({ track, row, daughters: open ? own.filter((daughter) => rows.has(daughter)) : NOBODY, folded: open ? 0 : countBelow(daughters, cell) });
  }
  return placed;
}

const byStart = (table: TrackTable, cells: readonly number[]): number[] =>
  [...cells].sort((a, b) => firstOf(table.get(a)?.spans ?? []) - firstOf(table.get(b)?.spans ?? []) || a - b);

function below(daughters: Relations["daughters"], cell: number): number[] {
  const found = new Set<number>();
  const stack = [...(daughters.get(cell) ?? [])];
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    if (found.has(one) || one === cell) continue;
    found.add(one);
    stack.push(...(daughters.get(one) ?? []));
  }
  return [...found];
}

const countBelow = (daughters: Relations["daughters"], cell: number): number => (daughters.has(cell) ? below(daughters, cell).length : 0);

/** A wanted cell may be folded away. */
const foldedWanted = (table: TrackTable, founder: number, daughters: Relations["daughters"], { folded, wanted }: Shown): boolean =>
  folded.size > 0 && below(daughters, founder).some((cell) => { const track = table.get(cell); return track !== undefined && wanted(track); });

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
