/** The one value that changes labels: the same in TypeScript, JSON and Python. */

/** Flat `[y, x, n, y, x, n, …]` in image pixels, along x, sorted, disjoint, maximal. */
export type Runs = readonly number[];

export interface CellFacts {
  /** Class id, or null when nobody has said. */
  readonly class: string | null;
  readonly mother: number | null;
  /** A model's predicted quality, 0 to 1; null once a person has drawn. */
  readonly quality: number | null;
}

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

export interface Edit {
  readonly id: string;
  readonly tool: string;
  readonly pixels: readonly PixelChange[];
  readonly cells: readonly CellChange[];
}

export const NO_FACTS: CellFacts = { class: null, mother: null, quality: null };
