/** Small pictures of one cell, for questions about its shape. */
import type { Bounds } from "./geometry";
import { boundsOf, runsOfMask } from "./runs";
import type { Runs } from "./runs";

/** Row-major, 1 inside; has an empty margin of one pixel on all sides. */
export interface Mask {
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** Image place of the mask's first pixel. */
  readonly y: number;
  readonly x: number;
}

export function maskOf(runs: Runs): Mask | null {
  const bounds = boundsOf(runs);
  if (!bounds) return null;
  const mask = emptyMask(bounds);
  for (let i = 0; i < runs.length; i += 3) {
    const start = (runs[i] - mask.y) * mask.width + runs[i + 1] - mask.x;
    mask.data.fill(1, start, start + runs[i + 2]);
  }
  return mask;
}

function emptyMask(bounds: Bounds): Mask {
  const height = bounds.y_max - bounds.y_min + 3;
  const width = bounds.x_max - bounds.x_min + 3;
  return { data: new Uint8Array(height * width), height, width, y: bounds.y_min - 1, x: bounds.x_min - 1 };
}

/** Pixels that the cell encloses: not reachable from outside over edges (not corners). */
export function holesOf(runs: Runs): number[] {
  const mask = maskOf(runs);
  if (!mask) return [];
  const { data, height, width } = mask;
  const seen = Uint8Array.from(data);
  const stack = [0];
  seen[0] = 1;
  while (stack.length > 0) {
    const i = stack.pop() ?? 0;
    const [y, x] = [Math.floor(i / width), i % width];
    if (x > 0) visit(i - 1);
    if (x < width - 1) visit(i + 1);
    if (y > 0) visit(i - width);
    if (y < height - 1) visit(i + width);
  }
  return runsOfMask(seen.map((value) => 1 - value), width, mask.y, mask.x);

  function visit(i: number): void {
    if (seen[i] !== 0) return;
    seen[i] = 1;
    stack.push(i);
  }
}
