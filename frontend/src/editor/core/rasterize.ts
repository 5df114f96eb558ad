/**
 * The one place that turns a pen's path into pixels. Points are rounded to sixteenths of a pixel and everything after
 * that is integer arithmetic, so that every machine decides every pixel alike.
 */
import type { Point } from "./geometry";

export const UNITS = 16;
const HALF = UNITS / 2;

/** Longer segments are cut, so that the products below stay exact in a double (far below 2^53). */
const LONGEST = 64 * UNITS;

export type EmitSpan = (y: number, x0: number, x1: number) => void;

interface Segment {
  readonly ax: number;
  readonly ay: number;
  readonly dx: number;
  readonly dy: number;
  readonly length2: number;
  readonly radius: number;
}

/** Spans (x0 ≤ x < x1) of all pixels whose centre is nearer than `diameter_px` / 2 to the segment from a to b. */
export function sweepDisc(a: Point, b: Point, diameter_px: number, emit: EmitSpan): void {
  const [ax, ay, bx, by] = [a.x, a.y, b.x, b.y].map((value) => Math.round(value * UNITS));
  const pieces = Math.max(1, Math.ceil(Math.hypot(bx - ax, by - ay) / LONGEST));
  const along = (from: number, to: number, i: number): number => Math.round(from + ((to - from) * i) / pieces);
  for (let i = 0; i < pieces; i++) {
    const [px, py] = [along(ax, bx, i), along(ay, by, i)];
    const [dx, dy] = [along(ax, bx, i + 1) - px, along(ay, by, i + 1) - py];
    sweepPiece({ ax: px, ay: py, dx, dy, length2: dx * dx + dy * dy, radius: diameter_px * HALF }, emit);
  }
}

function sweepPiece(s: Segment, emit: EmitSpan): void {
  const top = Math.min(s.ay, s.ay + s.dy) - s.radius;
  const bottom = Math.max(s.ay, s.ay + s.dy) + s.radius;
  for (let y = Math.ceil((top - HALF) / UNITS); y * UNITS + HALF <= bottom; y++) sweepRow(s, y, emit);
}

/** A capsule is convex: each row is one span. A rough span in floating point is put right by the exact test. */
function sweepRow(s: Segment, y: number, emit: EmitSpan): void {
  const rough = roughSpan(s, y * UNITS + HALF);
  if (!rough) return;
  let x0 = Math.ceil((rough[0] - HALF) / UNITS);
  let x1 = Math.floor((rough[1] - HALF) / UNITS);
  while (covers(s, x0 - 1, y)) x0--;
  while (x0 <= x1 && !covers(s, x0, y)) x0++;
  while (covers(s, x1 + 1, y)) x1++;
  while (x1 >= x0 && !covers(s, x1, y)) x1--;
  if (x1 >= x0) emit(y, x0, x1 + 1);
}

/** Exact: is the centre of pixel (x, y) nearer to the segment than the radius? At the radius itself a disc would grow lone pixels. */
function covers(s: Segment, x: number, y: number): boolean {
  const [px, py] = [x * UNITS + HALF - s.ax, y * UNITS + HALF - s.ay];
  const along = px * s.dx + py * s.dy;
  const radius2 = s.radius * s.radius;
  if (along <= 0) return px * px + py * py < radius2;
  if (along >= s.length2) return (px - s.dx) ** 2 + (py - s.dy) ** 2 < radius2;
  const cross = px * s.dy - py * s.dx;
  return cross * cross < radius2 * s.length2;
}

function roughSpan(s: Segment, cy: number): [number, number] | null {
  const spans = [discSpan(s.ax, s.ay, s.radius, cy), discSpan(s.ax + s.dx, s.ay + s.dy, s.radius, cy), bandSpan(s, cy)];
  const found = spans.filter((span) => span !== null);
  if (found.length === 0) return null;
  return [Math.min(...found.map((f) => f[0])), Math.max(...found.map((f) => f[1]))];
}

function discSpan(x: number, y: number, radius: number, cy: number): [number, number] | null {
  const left = radius * radius - (cy - y) ** 2;
  return left < 0 ? null : [x - Math.sqrt(left), x + Math.sqrt(left)];
}

/** Where the row crosses the rectangle beside the segment. */
function bandSpan(s: Segment, cy: number): [number, number] | null {
  const py = cy - s.ay;
  const reach = s.radius * Math.sqrt(s.length2);
  const across = between(s.dy, py * s.dx - reach, py * s.dx + reach);
  const along = between(s.dx, -py * s.dy, s.length2 - py * s.dy);
  if (s.length2 === 0 || !across || !along) return null;
  const [from, to] = [Math.max(across[0], along[0]), Math.min(across[1], along[1])];
  return from <= to ? [s.ax + from, s.ax + to] : null;
}

/** The x with low ≤ slope · x ≤ high. */
function between(slope: number, low: number, high: number): [number, number] | null {
  if (slope === 0) return low <= 0 && high >= 0 ? [-Infinity, Infinity] : null;
  return slope > 0 ? [low / slope, high / slope] : [high / slope, low / slope];
}
