/**
 * Polygons to pixels and back. Corners are rounded to sixteenths of a pixel and the rest is decided alike on every
 * machine: a pixel belongs when its centre is inside.
 */
import type { Point } from "../core/geometry";
import type { Ring } from "../core/outline";
import { outlineOf } from "../core/outline";
import { UNITS } from "../core/rasterize";
import { areaOf, intersection, lineOfRuns, runsOfLine } from "../core/runs";
import type { Runs } from "../core/runs";

export type Polygon = readonly Point[];

/** `turns`: inside is where the path goes round at least once (a lasso may cross itself). `holes`: rings within rings are holes. */
export type Inside = "turns" | "holes";

interface Edge {
  readonly x: number;
  readonly y: number;
  readonly bottom: number;
  readonly slope: number;
  readonly turn: 1 | -1;
}

const HALF = UNITS / 2;

/** Runs of all pixels inside, also where they lie outside the image. */
export function runsOfPolygon(rings: readonly Polygon[], inside: Inside = "turns"): number[] {
  const edges = rings.flatMap(edgesOf).sort((a, b) => a.y - b.y);
  if (edges.length === 0) return [];
  const bottom = edges.reduce((most, edge) => Math.max(most, edge.bottom), -Infinity);
  const runs: number[] = [];
  let active: Edge[] = [];
  let next = 0;
  for (let y = Math.floor(edges[0].y / UNITS); y * UNITS + HALF < bottom; y++) {
    const middle = y * UNITS + HALF;
    while (next < edges.length && edges[next].y <= middle) active.push(edges[next++]);
    active = active.filter((edge) => edge.bottom > middle);
    rowRuns(active, y, inside, runs);
  }
  return runs;
}

function edgesOf(polygon: Polygon): Edge[] {
  const corners = polygon.map(({ x, y }) => ({ x: Math.round(x * UNITS), y: Math.round(y * UNITS) }));
  return corners.flatMap((a, i): Edge[] => {
    const b = corners[(i + 1) % corners.length];
    if (a.y === b.y) return [];
    const [top, low] = a.y < b.y ? [a, b] : [b, a];
    return [{ x: top.x, y: top.y, bottom: low.y, slope: (low.x - top.x) / (low.y - top.y), turn: a.y < b.y ? 1 : -1 }];
  });
}

function rowRuns(active: readonly Edge[], y: number, inside: Inside, into: number[]): void {
  const middle = y * UNITS + HALF;
  const crossings = active.map((edge) => ({ x: edge.x + (middle - edge.y) * edge.slope, turn: edge.turn })).sort((a, b) => a.x - b.x);
  let turns = 0;
  for (let i = 0; i + 1 < crossings.length; i++) {
    turns += inside === "turns" ? crossings[i].turn : 1;
    if (inside === "turns" ? turns === 0 : turns % 2 === 0) continue;
    const x0 = Math.ceil((crossings[i].x - HALF) / UNITS);
    const x1 = Math.ceil((crossings[i + 1].x - HALF) / UNITS);
    addRun(into, y, x0, x1);
  }
}

/** Goes on with the last run when it touches. */
function addRun(into: number[], y: number, x0: number, x1: number): void {
  if (x1 <= x0) return;
  const last = into.length - 3;
  if (last >= 0 && into[last] === y && into[last + 1] + into[last + 2] === x0) into[last + 2] += x1 - x0;
  else into.push(y, x0, x1 - x0);
}

/** What may be lost when a mask becomes a polygon: intersection over union. */
export const LEAST_IOU = 0.98;

/**
 * Outlines of a mask, holes included, as polygons with few corners: no farther from the pixels than the tolerance, and
 * never so coarse that the mask made of them again has an IoU below LEAST_IOU.
 */
export function polygonsOfRuns(runs: Runs, tolerance_px: number): Polygon[] {
  const rings = outlineOf(runs).map(cornersOf);
  for (let tolerance = tolerance_px; tolerance > 0.2; tolerance /= 1.5) {
    const simple = rings.map((ring) => simplified(ring, tolerance)).filter((ring) => ring.length >= 3);
    if (iouOf(runsOfPolygon(simple, "holes"), runs) >= LEAST_IOU) return simple;
  }
  return rings;
}

const cornersOf = (ring: Ring): Point[] => Array.from({ length: ring.length / 2 }, (_, i) => ({ x: ring[2 * i], y: ring[2 * i + 1] }));

export function iouOf(a: Runs, b: Runs): number {
  const both = areaOf(runsOfLine(intersection(lineOfRuns(a), lineOfRuns(b))));
  const all = areaOf(a) + areaOf(b) - both;
  return all === 0 ? 1 : both / all;
}

/** Ramer 1972, Douglas and Peucker 1973, on a closed ring: cut first at its two ends of the longest way across. */
export function simplified(ring: Polygon, tolerance_px: number): Point[] {
  // Stairs of a slanted border are its pixels' corners; their middles lie on the border itself.
  const middles = ring.map((point, i) => middleOf(point, ring[(i + 1) % ring.length]));
  if (middles.length < 4) return [...ring];
  const start = farthestFrom(middles, middles[0]);
  const turned = [...middles.slice(start), ...middles.slice(0, start)];
  const opposite = farthestFrom(turned, turned[0]);
  const closed = [...turned, turned[0]];
  const kept = new Set([0, opposite]);
  keepBetween(closed, 0, opposite, tolerance_px, kept);
  keepBetween(closed, opposite, closed.length - 1, tolerance_px, kept);
  return [...kept].sort((a, b) => a - b).map((i) => turned[i]);
}

const middleOf = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

function farthestFrom(points: Polygon, { x, y }: Point): number {
  let [best, at] = [-1, 0];
  points.forEach((point, i) => {
    const away = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (away > best) [best, at] = [away, i];
  });
  return at;
}

function keepBetween(points: Polygon, from: number, to: number, tolerance_px: number, kept: Set<number>): void {
  const waiting: [number, number][] = [[from, to]];
  for (let piece = waiting.pop(); piece; piece = waiting.pop()) {
    const [first, last] = piece;
    let [best, at] = [tolerance_px, -1];
    for (let i = first + 1; i < last; i++) {
      const away = awayFrom(points[i], points[first], points[last]);
      if (away > best) [best, at] = [away, i];
    }
    if (at < 0) continue;
    kept.add(at);
    waiting.push([first, at], [at, last]);
  }
}

/** Distance from a point to a segment. */
export function awayFrom(p: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length2 = dx * dx + dy * dy;
  const u = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2));
  return Math.hypot(p.x - a.x - u * dx, p.y - a.y - u * dy);
}
