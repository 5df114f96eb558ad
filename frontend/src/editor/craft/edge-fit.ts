/**
 * Fits an outline to the edges near it. Grey values are sampled along normals of the outline, and the closed contour
 * through them with the most edge and the least bending is found exactly by dynamic programming: Amini, Weymouth and
 * Jain, IEEE Trans. PAMI 12, 1990; closed as in Sun and Pallottino, Pattern Recognition 36, 2003.
 */
import type { Point } from "../core/geometry";
import { outlineOf } from "../core/outline";
import { fillPolygon } from "../core/polygon-fill";
import { runsOfMask } from "../core/runs";
import type { Runs } from "../core/runs";
import { distanceInside } from "./distance";
import { gaussian } from "./gaussian";
import type { Grey } from "./grey";
import { percentileOf } from "./grey";

export interface EdgeFitAsk {
  /** One or more channels of the same crop: an edge in any of them counts. */
  readonly channels: readonly Grey[];
  /** 1 where the cell is. */
  readonly mask: Uint8Array;
  /** 1 where it must not go. */
  readonly forbidden: Uint8Array;
  readonly reach_px: number;
  readonly smoothing_px: number;
  /** 0 to 10 */
  readonly stiffness: number;
  /** So far outside the middle of the edge the outline is laid, px: some people's cells end where the light does. */
  readonly offset_px: number;
}

export interface EdgeFit {
  /** Runs within the crop; null: there is no edge. */
  readonly runs: Runs | null;
  /** Mean strength of the edge along the outline: 1 where it is a full edge everywhere, 0 for none. */
  readonly contrast: number;
}

/** Offsets along a normal are tried in steps of so many px. */
const STEP_PX = 0.5;
/** Distance between normals on the outline, px; at most MOST of them. */
const SPACING_PX = 1;
const MOST_NORMALS = 1024;
const FEWEST_NORMALS = 8;
/** Below this the outline found is no edge: flat ground, or a border of other cells all around. */
const LEAST_CONTRAST = 0.1;

export function fitToEdges(ask: EdgeFitAsk): EdgeFit {
  const { width } = ask.channels[0];
  const rings = outlineOf(runsOfMask(ask.mask, width));
  const outer = rings.reduce((longest, ring) => (ring.length > longest.length ? ring : longest), rings[0]);
  const normals = normalsOf(outer);
  if (!normals) return { runs: null, contrast: 0 };
  const inward_px = Math.min(ask.reach_px, 0.8 * deepest(ask.mask, width));
  const reach = { inward: Math.floor(inward_px / STEP_PX), outward: Math.floor(ask.reach_px / STEP_PX) };
  const bright = edgeScores(ask, normals, reach);
  const fits = [bright, bright.map((score) => -score)].map((scores) => bestContour(forbid(ask, normals, reach, scores), normals.length, reach, ask.stiffness));
  const best = fits[0].score >= fits[1].score ? fits[0] : fits[1];
  const contrast = best.score / normals.length;
  if (contrast < LEAST_CONTRAST) return { runs: null, contrast };
  const polygon = normals.map((normal, i) => along(normal, (best.offsets[i] - reach.inward) * STEP_PX + ask.offset_px));
  return { runs: fillPolygon(polygon), contrast };
}

interface Normal {
  readonly at: Point;
  /** Unit vector outwards. */
  readonly dx: number;
  readonly dy: number;
}

interface Reach {
  /** Steps. */
  readonly inward: number;
  readonly outward: number;
}

const along = ({ at, dx, dy }: Normal, away_px: number): Point => ({ x: at.x + dx * away_px, y: at.y + dy * away_px });

function deepest(mask: Uint8Array, width: number): number {
  const distance = distanceInside(mask, width);
  let most = 0;
  for (let i = 0; i < distance.length; i++) if (distance[i] > most) most = distance[i];
  return most;
}

/** Normals at equal distances along a ring of pixel corners, its stairs smoothed away. Null for a ring too short. */
function normalsOf(ring: readonly number[]): Normal[] | null {
  const points = evenly(ring);
  if (points.length < FEWEST_NORMALS) return null;
  const smooth = smoothed(smoothed(points));
  return smooth.map((at, i) => {
    const [before, after] = [smooth[(i + smooth.length - 2) % smooth.length], smooth[(i + 2) % smooth.length]];
    const [tx, ty] = [after.x - before.x, after.y - before.y];
    const length = Math.hypot(tx, ty) || 1;
    // The ring has its inside on the right hand (y points down), so outwards is to the left of its way.
    return { at, dx: ty / length, dy: -tx / length };
  });
}

function evenly(ring: readonly number[]): Point[] {
  const corners = Array.from({ length: ring.length / 2 }, (_, i) => ({ x: ring[2 * i], y: ring[2 * i + 1] }));
  const lengths = corners.map((a, i) => distanceOf(a, corners[(i + 1) % corners.length]));
  const around = lengths.reduce((sum, length) => sum + length, 0);
  const count = Math.min(MOST_NORMALS, Math.round(around / SPACING_PX));
  const points: Point[] = [];
  let [edge, passed] = [0, 0];
  for (let k = 0; k < count; k++) {
    const goal = (k * around) / count;
    while (passed + lengths[edge] <= goal) passed += lengths[edge++];
    const [a, b, u] = [corners[edge], corners[(edge + 1) % corners.length], (goal - passed) / lengths[edge]];
    points.push({ x: a.x + (b.x - a.x) * u, y: a.y + (b.y - a.y) * u });
  }
  return points;
}

const distanceOf = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** Mean over five neighbours, weights 1 4 6 4 1. */
function smoothed(points: readonly Point[]): Point[] {
  const at = (i: number): Point => points[(i + points.length) % points.length];
  return points.map((p, i) => ({
    x: (at(i - 2).x + 4 * at(i - 1).x + 6 * p.x + 4 * at(i + 1).x + at(i + 2).x) / 16,
    y: (at(i - 2).y + 4 * at(i - 1).y + 6 * p.y + 4 * at(i + 1).y + at(i + 2).y) / 16,
  }));
}

/** Score of each normal's each offset: how much darker it gets there outwards, full edges being 1. */
function edgeScores(ask: EdgeFitAsk, normals: readonly Normal[], reach: Reach): Float32Array {
  const count = reach.inward + reach.outward + 1;
  const scores = new Float32Array(normals.length * count);
  for (const channel of ask.channels) addEdges(gaussian(channel, ask.smoothing_px), normals, reach, scores);
  return scores;
}

/** Half the width over which a step of grey value is measured, px. */
const HALF_EDGE_PX = 1;
/** A step of this percentile of all steps in reach is a full edge. */
const FULL_EDGE_PERCENT = 90;

function addEdges(grey: Grey, normals: readonly Normal[], { inward, outward }: Reach, scores: Float32Array): void {
  const count = inward + outward + 1;
  const steps = new Float32Array(normals.length * count);
  normals.forEach((normal, n) => {
    for (let k = 0; k < count; k++) {
      const away = (k - inward) * STEP_PX;
      steps[n * count + k] = sample(grey, along(normal, away - HALF_EDGE_PX)) - sample(grey, along(normal, away + HALF_EDGE_PX));
    }
  });
  const full = percentileOf(steps.map(Math.abs), FULL_EDGE_PERCENT) || 1;
  for (let i = 0; i < steps.length; i++) scores[i] += Math.max(-1.5, Math.min(1.5, steps[i] / full));
}

/** Between the four nearest pixel centres. */
function sample({ data, width, height }: Grey, { x, y }: Point): number {
  const [u, v] = [Math.min(width - 1, Math.max(0, x - 0.5)), Math.min(height - 1, Math.max(0, y - 0.5))];
  const [x0, y0] = [Math.floor(u), Math.floor(v)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const [fx, fy] = [u - x0, v - y0];
  const top = data[y0 * width + x0] * (1 - fx) + data[y0 * width + x1] * fx;
  const low = data[y1 * width + x0] * (1 - fx) + data[y1 * width + x1] * fx;
  return top * (1 - fy) + low * fy;
}

/** Outwards of the first forbidden pixel the outline may not lie. Answers the scores it was given. */
function forbid({ forbidden, channels: [{ width, height }] }: EdgeFitAsk, normals: readonly Normal[], { inward, outward }: Reach, scores: Float32Array): Float32Array {
  const count = inward + outward + 1;
  normals.forEach((normal, n) => {
    let met = false;
    for (let k = inward; k < count; k++) {
      const { x, y } = along(normal, (k - inward) * STEP_PX - 0.5);
      const [px, py] = [Math.floor(x), Math.floor(y)];
      met ||= px >= 0 && py >= 0 && px < width && py < height && forbidden[py * width + px] !== 0;
      if (met) scores[n * count + k] = -2;
    }
  });
  return scores;
}

interface Contour {
  /** Index of the chosen offset of each normal. */
  readonly offsets: Int32Array;
  readonly score: number;
}

/** Neighbouring normals differ by no more steps. */
const STEEPEST = 2;

/** The closed contour of the greatest score: found once around without closing, then closed where that one is surest. */
function bestContour(scores: Float32Array, normals: number, reach: Reach, stiffness: number): Contour {
  const count = reach.inward + reach.outward + 1;
  const bend = 0.05 * stiffness;
  const open = bestWay(scores, 2 * normals, normals, count, bend, null);
  const start = open.offsets[normals];
  return bestWay(scores, normals, normals, count, bend, start);
}

/** Dynamic programming over `length` normals (they repeat after `normals`); with `start` the way begins and ends there. */
function bestWay(scores: Float32Array, length: number, normals: number, count: number, bend: number, start: number | null): Contour {
  let before = new Float64Array(count);
  for (let k = 0; k < count; k++) before[k] = start === null || k === start ? scores[k] : -Infinity;
  const from = new Int8Array(length * count);
  for (let n = 1; n < length; n++) {
    const now = new Float64Array(count);
    for (let k = 0; k < count; k++) {
      let [best, step] = [-Infinity, 0];
      for (let d = -STEEPEST; d <= STEEPEST; d++) {
        const value = k + d >= 0 && k + d < count ? before[k + d] - bend * d * d : -Infinity;
        if (value > best) [best, step] = [value, d];
      }
      now[k] = best + scores[(n % normals) * count + k];
      from[n * count + k] = step;
    }
    before = now;
  }
  return backFrom(before, from, length, count, bend, start);
}

function backFrom(last: Float64Array, from: Int8Array, length: number, count: number, bend: number, start: number | null): Contour {
  let [best, k] = [-Infinity, 0];
  for (let end = 0; end < count; end++) {
    const gap = start === null ? 0 : end - start;
    const value = Math.abs(gap) > STEEPEST ? -Infinity : last[end] - bend * gap * gap;
    if (value > best) [best, k] = [value, end];
  }
  const offsets = new Int32Array(length);
  for (let n = length - 1; n >= 0; n--) {
    offsets[n] = k;
    k += from[n * count + k];
  }
  return { offsets, score: best };
}
