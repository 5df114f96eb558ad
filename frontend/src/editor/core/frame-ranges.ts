/** Ranges of frames as sets: flat `[first, last, first, last, …]`, both included, ascending, never touching. */
import type { CellMove } from "./moves";

export type FrameRanges = readonly number[];

/** First to last, less the gaps. */
export function rangesOf(first: number, last: number, gaps: readonly (readonly number[])[] = []): FrameRanges {
  return gaps.reduce<FrameRanges>((ranges, [from, to]) => subtract(ranges, from, to), [first, last]);
}

export const holds = (ranges: FrameRanges, t: number): boolean => ranges.some((first, i) => i % 2 === 0 && first <= t && t <= ranges[i + 1]);

export function subtract(ranges: FrameRanges, from: number, to: number): FrameRanges {
  const rest: number[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const [first, last] = [ranges[i], ranges[i + 1]];
    if (first < from) rest.push(first, Math.min(last, from - 1));
    if (last > to) rest.push(Math.max(first, to + 1), last);
  }
  return rest;
}

export function cutTo(ranges: FrameRanges, from: number, to: number): FrameRanges {
  const cut: number[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const [first, last] = [Math.max(ranges[i], from), Math.min(ranges[i + 1], to)];
    if (first <= last) cut.push(first, last);
  }
  return cut;
}

export function unite(a: FrameRanges, b: FrameRanges): FrameRanges {
  const all = [a, b].flatMap((ranges) => ranges.flatMap((first, i) => (i % 2 === 0 ? [[first, ranges[i + 1]]] : []))).sort((x, y) => x[0] - y[0]);
  const joined: number[] = [];
  for (const [first, last] of all) {
    const end = joined.length - 1;
    if (end > 0 && first <= joined[end] + 1) joined[end] = Math.max(joined[end], last);
    else joined.push(first, last);
  }
  return joined;
}

/** The frames of cells after moves that happen at once; cells of which nothing is known stay unknown. */
export function moveRanges(known: Map<number, FrameRanges>, moves: readonly CellMove[]): void {
  const taken = moves.map(({ cell, first, last }) => cutTo(known.get(cell) ?? [], first, last));
  for (const { cell, first, last } of moves) {
    const ranges = known.get(cell);
    if (ranges) known.set(cell, subtract(ranges, first, last));
  }
  moves.forEach(({ to }, i) => {
    if (taken[i].length > 0) known.set(to, unite(known.get(to) ?? [], taken[i]));
  });
}
