/** What travels over the frame wire, decoded. */

/** One tile of 256 × 256 px as runs over its flat row-major pixels (stride always 256). Never changed in place. */
export interface TileContent {
  /** Ascending cell ids. */
  readonly ids: Uint32Array;
  /** Runs of each cell, in the order of `ids`. */
  readonly counts: Uint32Array;
  /** First flat pixel of each run, ascending within a cell. */
  readonly starts: Uint16Array;
  /** Length of each run less one, so that 65,536 fits. */
  readonly lengthsMinus1: Uint16Array;
}

export interface FrameTile {
  readonly ty: number;
  readonly tx: number;
  /** The revision that wrote this tile. */
  readonly revision: number;
  readonly content: TileContent;
}

/** Labels of one (t, z), or what changed in them since a revision. */
export interface Frame {
  /** Newest revision that this answer contains. */
  readonly head: number;
  readonly tiles: readonly FrameTile[];
}
