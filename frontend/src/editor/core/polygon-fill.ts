/** Pixels of drawn paths: what a closed one encloses, what an open one crosses. */
import type { Point } from "./geometry";
import { UNITS } from "./rasterize";
import { ROW, normalise, runsOfLine } from "./runs";

const HALF = UNITS / 2;

interface Edge {
  readonly ax: number;
  readonly ay: number;
  readonly bx: number;
  readonly by: number;
}

/**
 * Runs of all pixels whose centre lies inside the closed path, also where it winds around twice or crosses itself
 * (non-zero winding). Corners are rounded to sixteenths of a pixel; the rest is integer arithmetic. A centre on a left
 * or upper edge is inside, one on a right or lower edge is not, so that polygons side by side share no pixel.
 */
export function fillPolygon(corners: readonly Point[]): number[] {
  const edges = edgesOf(corners);
  if (edges.length === 0) return [];
  const top = Math.min(...edges.map((e) => Math.min(e.ay, e.by)));
  const bottom = Math.max(...edges.map((e) => Math.max(e.ay, e.by)));
  const line: number[] = [];
  for (let y = Math.max(0, Math.floor(top / UNITS)); y * UNITS + HALF < bottom; y++) fillRow(edges, y, line);
  return runsOfLine(normalise(line));
}

function edgesOf(corners: readonly Point[]): Edge[] {
  const whole = corners.map(({ x, y }) => ({ x: Math.round(x * UNITS), y: Math.round(y * UNITS) }));
  const edges = whole.map((a, i) => ({ ax: a.x, ay: a.y, bx: whole[(i + 1) % whole.length].x, by: whole[(i + 1) % whole.length].y }));
  return edges.filter((e) => e.ay !== e.by);
}

function fillRow(edges: readonly Edge[], y: number, line: number[]): void {
  const cy = y * UNITS + HALF;
  const crossings: { x: number; turn: number }[] = [];
  for (const e of edges) {
    if (Math.min(e.ay, e.by) > cy || Math.max(e.ay, e.by) <= cy) continue;
    crossings.push({ x: firstPixelRightOf(e, cy), turn: e.by > e.ay ? 1 : -1 });
  }
  crossings.sort((a, b) => a.x - b.x);
  let winding = 0;
  crossings.forEach(({ x, turn }, i) => {
    winding += turn;
    const [from, to] = [Math.max(0, x), crossings[i + 1]?.x ?? x];
    if (winding !== 0 && to > from) line.push(y * ROW + from, y * ROW + to);
  });
}

/** The first column whose centre is not left of the edge in this row. */
function firstPixelRightOf({ ax, ay, bx, by }: Edge, cy: number): number {
  const [rise, run] = by > ay ? [by - ay, (cy - ay) * (bx - ax)] : [ay - by, (ay - cy) * (bx - ax)];
  return Math.ceil((ax + run / rise - HALF) / UNITS);
}

/** Pixels that the path passes, each joined to the next over an edge, so that it parts what touches only at corners. */
export function crossedPixels(path: readonly Point[]): number[] {
  const line: number[] = [];
  const put = (x: number, y: number): void => {
    if (x >= 0 && y >= 0) line.push(y * ROW + x, y * ROW + x + 1);
  };
  if (path.length === 1) put(Math.floor(path[0].x), Math.floor(path[0].y));
  for (let i = 1; i < path.length; i++) walk(path[i - 1], path[i], put);
  return runsOfLine(normalise(line));
}

/** Amanatides and Woo's walk over a grid (1987). */
function walk(a: Point, b: Point, put: (x: number, y: number) => void): void {
  let [x, y] = [Math.floor(a.x), Math.floor(a.y)];
  const [endX, endY] = [Math.floor(b.x), Math.floor(b.y)];
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const [sx, sy] = [Math.sign(dx), Math.sign(dy)];
  let nextX = dx === 0 ? Infinity : ((dx > 0 ? x + 1 : x) - a.x) / dx;
  let nextY = dy === 0 ? Infinity : ((dy > 0 ? y + 1 : y) - a.y) / dy;
  put(x, y);
  for (let left = Math.abs(endX - x) + Math.abs(endY - y); left > 0; left--) {
    const alongX = y === endY || (x !== endX && nextX <= nextY);
    if (alongX) [x, nextX] = [x + sx, nextX + 1 / Math.abs(dx)];
    else [y, nextY] = [y + sy, nextY + 1 / Math.abs(dy)];
    put(x, y);
  }
}
