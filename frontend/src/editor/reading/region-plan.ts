/** Which blocks of label tiles to read for a view. */
import { clamp, intersectionOf, isEmptyRect, tilesUnder } from "../core/geometry";
import type { Rect, TileRange } from "../core/geometry";

/** Tiles along a block's side: one request each. Wide views take larger ones. */
const BLOCK = 8;
const WIDE_BLOCK = 16;
const WIDE_TILES = 600;
/** More tiles or cells in view than this are shown as points. */
export const MOST_TILES = 3_000;
export const MOST_CELLS = 20_000;

export const countOf = ({ ty0, tx0, ty1, tx1 }: TileRange): number => Math.max(0, ty1 - ty0) * Math.max(0, tx1 - tx0);

/** Tiles of the image within a rectangle. */
export function tilesWithin(rect: Rect, height: number, width: number): TileRange {
  const cut = intersectionOf(rect, { x0: 0, y0: 0, x1: width, y1: height });
  return isEmptyRect(cut) ? { ty0: 0, tx0: 0, ty1: 0, tx1: 0 } : tilesUnder(cut);
}

/** Blocks of the view from its middle outwards, then those of a margin around it. */
export function planBlocks(view: TileRange, across: TileRange): { readonly needed: TileRange[]; readonly next: TileRange[] } {
  const side = countOf(view) > WIDE_TILES ? WIDE_BLOCK : BLOCK;
  const needed = blocksIn(view, side, across);
  const wide = { ty0: view.ty0 - side / 2, tx0: view.tx0 - side / 2, ty1: view.ty1 + side / 2, tx1: view.tx1 + side / 2 };
  const keys = new Set(needed.map((block) => `${block.ty0} ${block.tx0}`));
  const next = blocksIn(wide, side, across).filter((block) => !keys.has(`${block.ty0} ${block.tx0}`));
  return { needed, next };
}

function blocksIn(range: TileRange, side: number, across: TileRange): TileRange[] {
  const blocks: TileRange[] = [];
  const down = (n: number): number => Math.floor(n / side) * side;
  for (let ty0 = Math.max(0, down(range.ty0)); ty0 < Math.min(range.ty1, across.ty1); ty0 += side) {
    for (let tx0 = Math.max(0, down(range.tx0)); tx0 < Math.min(range.tx1, across.tx1); tx0 += side) {
      blocks.push({ ty0, tx0, ty1: Math.min(ty0 + side, across.ty1), tx1: Math.min(tx0 + side, across.tx1) });
    }
  }
  const [my, mx] = [(range.ty0 + range.ty1 - side) / 2, (range.tx0 + range.tx1 - side) / 2];
  return blocks.sort((a, b) => Math.hypot(a.ty0 - my, a.tx0 - mx) - Math.hypot(b.ty0 - my, b.tx0 - mx));
}

/** The view and as much again around it. */
export function widened({ ty0, tx0, ty1, tx1 }: TileRange, across: TileRange): TileRange {
  const [dy, dx] = [Math.ceil((ty1 - ty0) / 2), Math.ceil((tx1 - tx0) / 2)];
  return {
    ty0: clamp(ty0 - dy, 0, across.ty1), tx0: clamp(tx0 - dx, 0, across.tx1),
    ty1: clamp(ty1 + dy, 0, across.ty1), tx1: clamp(tx1 + dx, 0, across.tx1),
  };
}
