/** Masks to polygons and back. */
import type { Point } from "../core/geometry";
import type { Ring } from "../core/outline";
import { outlineOf } from "../core/outline";
import { fillPolygon } from "../core/polygon-fill";
import { areaOf, combine, intersection, lineOfRuns, runsOfLine } from "../core/runs";
import type { Runs } from "../core/runs";

export type Polygon = readonly Point[];

/** Runs of all pixels inside; rings within rings are holes. */
export function runsOfPolygons(rings: readonly Polygon[]): number[] {
  const lines = rings.map((ring) => lineOfRuns(fillPolygon(ring)));
  return runsOfLine(lines.reduce((all, line) => combine(all, line, (inA, inB) => inA !== inB), []));
}

/** What may be lost when a mask becomes a polygon: intersection over union. */
export const LEAST_IOU = 0.98;

/**
 * Outlines of a mask, holes included, as polygons with few corners: no farther from the pixels than the tolerance, and
 * never so coarse that the mask made of them again has an IoU below LEAST_IOU.
 */
export function polygonsOfRuns(runs: Runs, tolerance_px: number): Polygon[] {
  const rings = outlineOf(runs).map(cornersOf);
  for (let tolerance = tolerance_px; tolerance > 0.2; tolerance /= 1.25) {
    const simple = rings.map((ring) => simplified(ring, tolerance)).filter((ring) => ring.length >= 3);
    if (iouOf(runsOfPolygons(simple), runs) >= LEAST_IOU) return simple;
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
  return balanced(closed, [...kept, closed.length - 1].sort((a, b) => a - b), tolerance_px);
}

/**
 * A chord cuts every bulge short, so the polygon would be too small. Each side moves to the mean of the points that it
 * stands for; corners are where neighbouring sides then meet.
 */
function balanced(points: Polygon, kept: readonly number[], tolerance_px: number): Point[] {
  const sides = kept.slice(1).map((to, k) => sideThrough(points, kept[k], to));
  return sides.map((side, k) => {
    const [before, corner] = [sides[(k + sides.length - 1) % sides.length], points[kept[k]]];
    const meet = crossing(before, side);
    return meet && Math.hypot(meet.x - corner.x, meet.y - corner.y) <= 2 * tolerance_px ? meet : corner;
  });
}

interface Side {
  readonly at: Point;
  readonly dx: number;
  readonly dy: number;
}

function sideThrough(points: Polygon, from: number, to: number): Side {
  const [a, b] = [points[from], points[to]];
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const [dx, dy] = [(b.x - a.x) / length, (b.y - a.y) / length];
  let off = 0;
  for (let i = from + 1; i < to; i++) off += (points[i].y - a.y) * dx - (points[i].x - a.x) * dy;
  const mean = off / (to - from);
  return { at: { x: a.x - dy * mean, y: a.y + dx * mean }, dx, dy };
}

/** Null for sides that are nearly parallel. */
function crossing(a: Side, b: Side): Point | null {
  const turn = a.dx * b.dy - a.dy * b.dx;
  if (Math.abs(turn) < 0.05) return null;
  const along = ((b.at.x - a.at.x) * b.dy - (b.at.y - a.at.y) * b.dx) / turn;
  return { x: a.at.x + a.dx * along, y: a.at.y + a.dy * along };
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
