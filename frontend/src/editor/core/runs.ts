/** Sets of pixels as runs, and their arithmetic on one number line. */
import type { Bounds } from "./geometry";

/** Flat `[y, x, n, y, x, n, …]` in image pixels, along x, sorted, disjoint, maximal. */
export type Runs = readonly number[];

/** Flat half-open intervals `[start, end, start, end, …]`, ascending, disjoint, not touching. */
export type Line = readonly number[];

/** Stride of rows on the number line: wider than any image, so that runs of two rows never touch. */
export const ROW = 2 ** 32;

/** Runs, in any order and perhaps overlapping, as a set on the line `y * ROW + x`. */
export function lineOfRuns(runs: Runs): number[] {
  const line: number[] = [];
  for (let i = 0; i < runs.length; i += 3) {
    const start = runs[i] * ROW + runs[i + 1];
    line.push(start, start + runs[i + 2]);
  }
  return normalise(line);
}

export function runsOfLine(line: Line): number[] {
  const runs: number[] = [];
  for (let i = 0; i < line.length; i += 2) {
    const y = Math.floor(line[i] / ROW);
    runs.push(y, line[i] - y * ROW, line[i + 1] - line[i]);
  }
  return runs;
}

/** Sorts and joins intervals that touch or overlap; returns the same array when it is already so. */
export function normalise(line: number[]): number[] {
  let ordered = true;
  for (let i = 2; i < line.length && ordered; i += 2) ordered = line[i] > line[i - 1];
  return ordered ? line : joined(line);
}

function joined(line: number[]): number[] {
  const order = Array.from({ length: line.length / 2 }, (_, i) => i * 2).sort((a, b) => line[a] - line[b]);
  const result: number[] = [];
  for (const i of order) {
    const last = result.length - 1;
    if (last > 0 && line[i] <= result[last]) result[last] = Math.max(result[last], line[i + 1]);
    else result.push(line[i], line[i + 1]);
  }
  return result;
}

/** Walks both sets once; `keep` says for each stretch whether it belongs to the answer. */
export function combine(a: Line, b: Line, keep: (inA: boolean, inB: boolean) => boolean): number[] {
  const result: number[] = [];
  let i = 0;
  let j = 0;
  let open = false;
  while (i < a.length || j < b.length) {
    const at = Math.min(i < a.length ? a[i] : Infinity, j < b.length ? b[j] : Infinity);
    if (a[i] === at) i++;
    if (b[j] === at) j++;
    const inside = keep(i % 2 === 1, j % 2 === 1);
    if (inside !== open) result.push(at);
    open = inside;
  }
  return result;
}

export const union = (a: Line, b: Line): number[] => combine(a, b, (inA, inB) => inA || inB);
export const difference = (a: Line, b: Line): number[] => combine(a, b, (inA, inB) => inA && !inB);
export const intersection = (a: Line, b: Line): number[] => combine(a, b, (inA, inB) => inA && inB);

/** Number of pixels. */
export function areaOf(runs: Runs): number {
  let area = 0;
  for (let i = 2; i < runs.length; i += 3) area += runs[i];
  return area;
}

/** Null for no runs. */
export function boundsOf(runs: Runs): Bounds | null {
  if (runs.length === 0) return null;
  let x_min = Infinity;
  let x_max = -1;
  for (let i = 0; i < runs.length; i += 3) {
    x_min = Math.min(x_min, runs[i + 1]);
    x_max = Math.max(x_max, runs[i + 1] + runs[i + 2] - 1);
  }
  return { y_min: runs[0], x_min, y_max: runs[runs.length - 3], x_max };
}

/** Runs of the non-zero pixels of a row-major picture whose corner lies at (y, x) of the image. */
export function runsOfMask(mask: ArrayLike<number>, width: number, y = 0, x = 0): number[] {
  const runs: number[] = [];
  for (let start = 0; start < mask.length; start += width) {
    let begin = -1;
    for (let i = 0; i <= width; i++) {
      const inside = i < width && mask[start + i] !== 0;
      if (inside && begin < 0) begin = i;
      if (!inside && begin >= 0) runs.push(y + start / width, x + begin, i - begin);
      if (!inside) begin = -1;
    }
  }
  return runs;
}
