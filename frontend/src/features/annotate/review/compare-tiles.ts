import type { Frame, FrameTile, TileContent } from "@/editor";

/** Edge of a label tile, px. */
export const TILE_PX = 256;

/** What a comparison shows of a pixel. */
export const SAME = 0;
export const ADDED = 1;
export const REMOVED = 2;
export const MOVED = 3;
export const BEFORE_EDGE = 4;
export const BEFORE_FILL = 5;

export interface ComparedTile {
  readonly ty: number;
  readonly tx: number;
  /** One of the codes above a pixel, row-major. */
  readonly codes: Uint8Array;
}

export type CompareMode = "before" | "after" | "difference";

/** Lowest-numbered cell of each pixel, 0 for none: enough to see what changed, also where cells overlap. */
function topCells(content: TileContent | undefined): Uint32Array {
  const cells = new Uint32Array(TILE_PX * TILE_PX);
  if (!content) return cells;
  let run = content.starts.length;
  for (let at = content.ids.length - 1; at >= 0; at -= 1) {
    const last = run;
    run -= content.counts[at] ?? 0;
    for (let each = run; each < last; each += 1) {
      const start = content.starts[each] ?? 0;
      cells.fill(content.ids[at] ?? 0, start, start + (content.lengthsMinus1[each] ?? 0) + 1);
    }
  }
  return cells;
}

/** Is this pixel the rim of its cell? Neighbours beyond the tile count as the same cell, so that seams draw no line. */
function isEdge(cells: Uint32Array, at: number): boolean {
  const cell = cells[at];
  const x = at % TILE_PX;
  return (
    cell !== 0 &&
    ((x > 0 && cells[at - 1] !== cell) ||
      (x < TILE_PX - 1 && cells[at + 1] !== cell) ||
      (at >= TILE_PX && cells[at - TILE_PX] !== cell) ||
      (at < TILE_PX * (TILE_PX - 1) && cells[at + TILE_PX] !== cell))
  );
}

/** Is the cell of this name before the cell of that name after? */
export type SameCell = (before: number, after: number) => boolean;

const byName: SameCell = (before, after) => before === after;

function difference(before: number, after: number, isSame: SameCell): number {
  if (before === 0 && after === 0) return SAME;
  if (before !== 0 && after !== 0 && isSame(before, after)) return SAME;
  if (before === 0) return ADDED;
  return after === 0 ? REMOVED : MOVED;
}

function compareTile(before: TileContent | undefined, after: TileContent | undefined, mode: CompareMode, isSame: SameCell): Uint8Array {
  const [was, is] = [topCells(before), topCells(after)];
  const codes = new Uint8Array(TILE_PX * TILE_PX);
  for (let at = 0; at < codes.length; at += 1) {
    const [one = 0, other = 0] = [was[at], is[at]];
    if (mode === "difference") codes[at] = difference(one, other, isSame);
    if (codes[at] === SAME && isEdge(was, at)) codes[at] = BEFORE_EDGE;
    else if (mode === "before" && one !== 0) codes[at] = BEFORE_FILL;
  }
  return codes;
}

/** What to lay over the newer labels: the rims of the older, and in `difference` every pixel that changed hands. */
export function compareFrames(before: Frame, after: Frame, mode: CompareMode, isSame: SameCell = byName): ComparedTile[] {
  const key = (tile: FrameTile) => `${tile.ty}/${tile.tx}`;
  const newer = new Map(after.tiles.map((tile) => [key(tile), tile.content]));
  const older = new Map(before.tiles.map((tile) => [key(tile), tile.content]));
  return [...new Set([...older.keys(), ...newer.keys()])].map((place) => {
    const [ty = 0, tx = 0] = place.split("/").map(Number);
    return { ty, tx, codes: compareTile(older.get(place), newer.get(place), mode, isSame) };
  });
}
