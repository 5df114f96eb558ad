/** Convex hull of a cell's pixel centres. */
import { ROW, runsOfLine } from "./runs";
import type { Runs } from "./runs";

interface Corner {
  readonly x: number;
  readonly y: number;
}

/** Runs of all pixels whose centre lies in the hull of the cell's pixel centres, its border included. */
export function hullOf(runs: Runs): number[] {
  const rows = extremes(runs);
  const left = chain(rows.map(({ y, first }) => ({ x: first, y })), 1);
  const right = chain(rows.map(({ y, last }) => ({ x: last, y })), -1);
  const line: number[] = [];
  for (let y = rows[0]?.y ?? 0; y <= (rows.at(-1)?.y ?? -1); y++) {
    line.push(y * ROW + Math.ceil(crossing(left, y, Math.ceil)), y * ROW + Math.floor(crossing(right, y, Math.floor)) + 1);
  }
  return runsOfLine(line);
}

/** First and last pixel of each row that has any. */
function extremes(runs: Runs): { y: number; first: number; last: number }[] {
  const rows: { y: number; first: number; last: number }[] = [];
  for (let i = 0; i < runs.length; i += 3) {
    const [y, first, last] = [runs[i], runs[i + 1], runs[i + 1] + runs[i + 2] - 1];
    const row = rows.at(-1);
    if (row?.y === y) row.last = last;
    else rows.push({ y, first, last });
  }
  return rows;
}

/** Andrew's monotone chain down one side: `side` 1 keeps it bulging to the left, -1 to the right. */
function chain(points: readonly Corner[], side: 1 | -1): Corner[] {
  const hull: Corner[] = [];
  for (const p of points) {
    while (hull.length > 1 && side * turn(hull[hull.length - 2], hull[hull.length - 1], p) >= 0) hull.pop();
    hull.push(p);
  }
  return hull;
}

const turn = (a: Corner, b: Corner, c: Corner): number => (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);

/** Where the chain crosses the row, rounded inwards without losing a centre that lies on it. */
function crossing(hull: readonly Corner[], y: number, round: (value: number) => number): number {
  const i = hull.findIndex((corner) => corner.y >= y);
  if (hull[i].y === y) return hull[i].x;
  const [a, b] = [hull[i - 1], hull[i]];
  const [numerator, rise] = [(b.x - a.x) * (y - a.y), b.y - a.y];
  return a.x + (numerator % rise === 0 ? numerator / rise : round(numerator / rise));
}
