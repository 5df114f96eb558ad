/** Connected pieces of a mask: what a threshold finds becomes cells. */
import { componentsOf } from "../core/components";
import { holesOf } from "../core/mask";
import { areaOf, lineOfRuns, runsOfLine, runsOfMask } from "../core/runs";
import type { Runs } from "../core/runs";

export interface PiecesAsk {
  readonly width: number;
  /** Image place of the first pixel. */
  readonly at: { readonly x: number; readonly y: number };
  /** Pieces with fewer pixels are left out. */
  readonly smallest_px: number;
  readonly fillsHoles: boolean;
  /** Not 0 where nothing may be taken. */
  readonly barred: Uint8Array;
}

/** Corners join, as in skimage.measure.label. Runs in image px. */
export function piecesOf(mask: Uint8Array, ask: PiecesAsk): Runs[] {
  const free = mask.map((value, i) => (ask.barred[i] === 0 ? value : 0));
  const pieces = componentsOf(runsOfMask(free, ask.width, ask.at.y, ask.at.x)).filter((piece) => areaOf(piece) >= ask.smallest_px);
  return ask.fillsHoles ? pieces.map((piece) => filled(piece, ask)) : pieces;
}

/** With the holes closed, as far as they may be taken. */
function filled(piece: Runs, { barred, width, at }: Pick<PiecesAsk, "barred" | "width" | "at">): Runs {
  const holes = holesOf(piece);
  if (holes.length === 0) return piece;
  const free: number[] = [];
  for (let i = 0; i < holes.length; i += 3) {
    const start = (holes[i] - at.y) * width + holes[i + 1] - at.x;
    for (let n = 0; n < holes[i + 2]; n++) if (barred[start + n] === 0) free.push(holes[i], holes[i + 1] + n, 1);
  }
  return runsOfLine(lineOfRuns([...piece, ...free]));
}
