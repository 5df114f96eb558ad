/** Frames of a cell as flat `[first, last, first, last, …]`: both included, ascending, never touching. */
export type Spans = readonly number[];

export function spansOf(first: number, last: number, gaps: readonly (readonly number[])[]): Spans {
  const ends = gaps.flatMap(([from = 0, to = 0]) => [from - 1, to + 1]);
  return [first, ...ends, last];
}

export const firstOf = (spans: Spans): number => spans[0] ?? 0;
export const lastOf = (spans: Spans): number => spans.at(-1) ?? 0;

export function isIn(spans: Spans, t: number): boolean {
  for (let i = 0; i < spans.length; i += 2) if ((spans[i] ?? 0) <= t && t <= (spans[i + 1] ?? 0)) return true;
  return false;
}

export function minus(spans: Spans, from: number, to: number): Spans {
  const rest: number[] = [];
  for (let i = 0; i < spans.length; i += 2) {
    const [first = 0, last = 0] = [spans[i], spans[i + 1]];
    if (first < from) rest.push(first, Math.min(last, from - 1));
    if (last > to) rest.push(Math.max(first, to + 1), last);
  }
  return rest;
}

/** The part of the frames that lies in from..to. */
export function within(spans: Spans, from: number, to: number): Spans {
  return minus(minus(spans, -Infinity, from - 1), to + 1, Infinity);
}

export function plus(a: Spans, b: Spans): Spans {
  const pairs: [number, number][] = [];
  for (const spans of [a, b]) for (let i = 0; i < spans.length; i += 2) pairs.push([spans[i] ?? 0, spans[i + 1] ?? 0]);
  pairs.sort((x, y) => x[0] - y[0]);
  const joined: number[] = [];
  for (const [first, last] of pairs) {
    const end = joined.length - 1;
    if (end > 0 && first <= (joined[end] ?? 0) + 1) joined[end] = Math.max(joined[end] ?? 0, last);
    else joined.push(first, last);
  }
  return joined;
}

/** The frame of the cell that is nearest to t. */
export function nearestFrame(spans: Spans, t: number): number {
  let [best, away] = [firstOf(spans), Infinity];
  for (let i = 0; i < spans.length; i += 2) {
    const near = Math.min(Math.max(t, spans[i] ?? 0), spans[i + 1] ?? 0);
    if (Math.abs(near - t) < away) [best, away] = [near, Math.abs(near - t)];
  }
  return best;
}
