/**
 * A shape between two shapes: signed distances mixed, as in Raya and Udupa 1990 ("Shape-based interpolation of
 * multidimensional objects"), after both were moved so that their centres lie on the line between them.
 */
import { squaredDistances } from "./distance";
import { boundsOf } from "./runs";
import { runsOfMask } from "./runs";
import type { Runs } from "./runs";
import { drawnIn } from "./window";

/** Signed distance (px) to the border of a shape, negative inside, as a picture with a place. */
interface Field {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly y: number;
  readonly x: number;
}

interface Centre {
  readonly y: number;
  readonly x: number;
}

/** The shape at `share` of the way from a (0) to b (1); both must have pixels. */
export function between(a: Runs, b: Runs, share: number): number[] {
  const [centreA, centreB] = [centreOf(a), centreOf(b)];
  const centre = { y: mix(centreA.y, centreB.y, share), x: mix(centreA.x, centreB.x, share) };
  const [reachA, reachB] = [reachOf(a, centreA), reachOf(b, centreB)];
  const reach = Math.ceil(Math.max(reachA, reachB)) + 2;
  const [fieldA, fieldB] = [fieldOf(a, centreA, reach), fieldOf(b, centreB, reach)];
  const [y0, x0] = [Math.max(0, Math.floor(centre.y) - reach), Math.max(0, Math.floor(centre.x) - reach)];
  const [height, width] = [Math.ceil(centre.y) + reach + 1 - y0, Math.ceil(centre.x) + reach + 1 - x0];
  const inside = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dy, dx] = [y0 + y - centre.y, x0 + x - centre.x];
      const distance = mix(sample(fieldA, centreA.y + dy, centreA.x + dx), sample(fieldB, centreB.y + dy, centreB.x + dx), share);
      inside[y * width + x] = Number(distance < 0);
    }
  }
  return runsOfMask(inside, width, y0, x0);
}

const mix = (a: number, b: number, share: number): number => a + (b - a) * share;

/** Mean of the pixels' places. */
export function centreOf(runs: Runs): Centre {
  let [area, y, x] = [0, 0, 0];
  for (let i = 0; i < runs.length; i += 3) {
    area += runs[i + 2];
    y += runs[i] * runs[i + 2];
    x += runs[i + 2] * (runs[i + 1] + (runs[i + 2] - 1) / 2);
  }
  return { y: y / area, x: x / area };
}

/** Furthest along an axis that the shape lies from its centre. */
function reachOf(runs: Runs, centre: Centre): number {
  const bounds = boundsOf(runs) ?? { y_min: 0, x_min: 0, y_max: 0, x_max: 0 };
  return Math.max(centre.y - bounds.y_min, bounds.y_max - centre.y, centre.x - bounds.x_min, bounds.x_max - centre.x);
}

/** Distances from half a pixel inside the border on, so that inside and outside meet at nought. */
function fieldOf(runs: Runs, centre: Centre, reach: number): Field {
  const rect = { y0: Math.floor(centre.y) - reach - 1, x0: Math.floor(centre.x) - reach - 1, y1: Math.ceil(centre.y) + reach + 2, x1: Math.ceil(centre.x) + reach + 2 };
  const { data, height, width, y, x } = drawnIn(runs, rect);
  const [outside, within] = [squaredDistances(data, width, 1), squaredDistances(data, width, 0)];
  const signed = Float32Array.from(data, (value, i) => (value === 1 ? 0.5 - Math.sqrt(within[i]) : Math.sqrt(outside[i]) - 0.5));
  return { data: signed, height, width, y, x };
}

/** Between four pixels. */
function sample({ data, height, width, y, x }: Field, atY: number, atX: number): number {
  const [fy, fx] = [Math.min(height - 1, Math.max(0, atY - y)), Math.min(width - 1, Math.max(0, atX - x))];
  const [iy, ix] = [Math.min(height - 2, Math.floor(fy)), Math.min(width - 2, Math.floor(fx))];
  const [top, below] = [iy * width + ix, (iy + 1) * width + ix];
  return mix(mix(data[top], data[top + 1], fx - ix), mix(data[below], data[below + 1], fx - ix), fy - iy);
}

/** Moved by whole pixels; what leaves the image is cut off. */
export function moved(runs: Runs, dy: number, dx: number, image: { readonly height: number; readonly width: number }): number[] {
  const result: number[] = [];
  for (let i = 0; i < runs.length; i += 3) {
    const y = runs[i] + dy;
    const [from, to] = [Math.max(0, runs[i + 1] + dx), Math.min(image.width, runs[i + 1] + runs[i + 2] + dx)];
    if (y >= 0 && y < image.height && to > from) result.push(y, from, to - from);
  }
  return result;
}

/**
 * The two nearest places with pixels around a gap: the gap that holds `now`, or, when there are pixels at `now`, the next
 * one up, or else down. Null when there is none.
 */
export function gapAt(has: readonly boolean[], now: number): readonly [number, number] | null {
  const before = has.findLastIndex((drawn, i) => drawn && i < now);
  const after = has.findIndex((drawn, i) => drawn && i > now);
  if (!has[now]) return before >= 0 && after >= 0 ? [before, after] : null;
  return gapFrom(has, now, 1) ?? gapFrom(has, now, -1);
}

function gapFrom(has: readonly boolean[], now: number, step: 1 | -1): readonly [number, number] | null {
  let end = now;
  while (has[end + step]) end += step;
  for (let i = end + step; i >= 0 && i < has.length; i += step) {
    if (has[i]) return step > 0 ? [end, i] : [i, end];
  }
  return null;
}
