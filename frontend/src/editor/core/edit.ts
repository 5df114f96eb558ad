/** The one value that changes labels: the same in TypeScript, JSON and Python. */
import { composeMoves, turned } from "./moves";
import type { CellMove } from "./moves";
import { difference, lineOfRuns, runsOfLine, union } from "./runs";
import type { Runs } from "./runs";

export interface CellFacts {
  /** Class id, or null when nobody has said. */
  readonly class: string | null;
  readonly mother: number | null;
  /** A model's predicted quality, 0 to 1; null once a person has drawn. */
  readonly quality: number | null;
  /** The channel whose structure this outlines; null: the whole cell. Masks of different channels never touch each other. */
  readonly channel: number | null;
  /** No tool changes it until somebody unlocks it. */
  readonly locked: boolean;
  /** Not taught and not scored: an object or a region about which nothing should be learnt. */
  readonly ignored: boolean;
  /** The cell that took this one up where it ends. */
  readonly merged_into: number | null;
  /** Why else it ends; null: nobody has said. */
  readonly ending: Ending | null;
  /** Further classes beside the main one, ids sorted; left out when there are none. */
  readonly also?: readonly string[];
  /** Values by the attribute's id; left out when there are none. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** People are not sure what it is. */
  readonly uncertain?: boolean;
}

/** A choice or a text, a number, a flag. */
export type AttributeValue = string | number | boolean;

export type Ending = "death" | "leaves";
export const ENDINGS: readonly Ending[] = ["death", "leaves"];

/** Pixels that were really added to, or removed from, one cell in one plane. */
export interface PixelChange {
  readonly t: number;
  readonly z: number;
  readonly cell: number;
  readonly add: Runs;
  readonly remove: Runs;
}

/** `before: null` the cell did not exist; `after: null` it is deleted. */
export interface CellChange {
  readonly cell: number;
  readonly before: CellFacts | null;
  readonly after: CellFacts | null;
}

/** At most one pixel change a (t, z, cell) and one cell change a cell; no cell is drawn on and moved in one frame. */
export interface Edit {
  readonly id: string;
  readonly tool: string;
  readonly pixels: readonly PixelChange[];
  readonly cells: readonly CellChange[];
  /** The id of the edit that this one takes back. */
  readonly undoes?: string;
  /** Whole tracks, at once; left out when there are none. */
  readonly moves?: readonly CellMove[];
  /** Settings of the tool, and `model` where one had a part in it. For the record: changes nothing. */
  readonly parameters?: EditParameters;
}

export type EditParameters = Readonly<Record<string, string | number | boolean | null>>;

export const NO_FACTS: CellFacts = { class: null, mother: null, quality: null, channel: null, locked: false, ignored: false, merged_into: null, ending: null };

const FACT_KEYS = Object.keys(NO_FACTS) as (keyof CellFacts)[];

export const MAX_CELL = 2 ** 31 - 1;

export function sameFacts(a: CellFacts | null, b: CellFacts | null): boolean {
  if (a === null || b === null) return a === b;
  if (!FACT_KEYS.every((key) => a[key] === b[key]) || (a.uncertain ?? false) !== (b.uncertain ?? false)) return false;
  return sameEntries(a.also ?? [], b.also ?? []) && sameEntries(a.attributes ?? {}, b.attributes ?? {});
}

function sameEntries(a: object, b: object): boolean {
  if (a === b) return true;
  const [one, other] = [Object.entries(a), new Map(Object.entries(b))];
  return one.length === other.size && one.every(([name, value]) => other.get(name) === value);
}

export const isEmptyEdit = (edit: Edit): boolean => edit.pixels.length === 0 && edit.cells.length === 0 && !edit.moves?.length;

/** The edit that undoes this one exactly; it keeps the id unless another is given. */
export function invert(edit: Edit, id = edit.id): Edit {
  return {
    id,
    tool: edit.tool,
    pixels: edit.pixels.map((p) => ({ ...p, add: p.remove, remove: p.add })),
    cells: edit.cells.map((c) => ({ cell: c.cell, before: c.after, after: c.before })),
    ...(edit.moves && { moves: turned(edit.moves) }),
  };
}

/** The one edit that does what `first` and then `second` do; what cancels out is left out. One must not move what the other draws on. */
export function compose(first: Edit, second: Edit, id = second.id): Edit {
  const moves = composeMoves(first.moves ?? [], second.moves ?? []);
  const pixels = new Map(first.pixels.map((p) => [placeOf(p), p]));
  for (const p of second.pixels) {
    const earlier = pixels.get(placeOf(p));
    pixels.set(placeOf(p), earlier ? composePixels(earlier, p) : p);
  }
  const cells = new Map(first.cells.map((c) => [c.cell, c]));
  for (const c of second.cells) cells.set(c.cell, { ...c, before: (cells.get(c.cell) ?? c).before });
  return {
    id,
    tool: second.tool,
    pixels: [...pixels.values()].filter((p) => p.add.length > 0 || p.remove.length > 0),
    cells: [...cells.values()].filter((c) => !sameFacts(c.before, c.after)),
    ...(moves.length > 0 && { moves }),
  };
}

const placeOf = (p: PixelChange): string => `${p.t} ${p.z} ${p.cell}`;

function composePixels(first: PixelChange, second: PixelChange): PixelChange {
  const [add1, remove1] = [lineOfRuns(first.add), lineOfRuns(first.remove)];
  const [add2, remove2] = [lineOfRuns(second.add), lineOfRuns(second.remove)];
  return {
    ...first,
    add: runsOfLine(union(difference(add1, remove2), difference(add2, remove1))),
    remove: runsOfLine(union(difference(remove1, add2), difference(remove2, add1))),
  };
}
