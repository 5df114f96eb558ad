/**
 * What the net sees of grey values: each channel by percentiles of the whole frame, cells bright. The twin of
 * training/engine/data/normalising.py and of `see` in training/engine/prompting/pictures.py.
 */
import type { Normalisation } from "./contract";

export interface Look {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly inverted: boolean;
}

export interface Plane {
  readonly height: number;
  readonly width: number;
  /** Row-major, one a channel. */
  readonly channels: readonly Float32Array[];
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0);

/** Measures a frame, or a coarse level of it. */
export function lookAt(plane: Plane, how: Normalisation): Look {
  const sample = plane.channels.map((values) => thinned(values, plane, how.sample_px));
  const sorted = sample.map((values) => values.slice().sort());
  const low = sorted.map((values) => percentile(values, how.low_percentile));
  const high = sorted.map((values) => percentile(values, how.high_percentile));
  const mean = sample[0].map((_, i) => sample.reduce((sum, values, c) => sum + stretched(values[i], low[c], high[c]), 0) / sample.length);
  return { low, high, inverted: percentile(mean.sort(), 50) > how.invert_above };
}

function thinned(values: Float32Array, { height, width }: Plane, sample_px: number): Float32Array {
  const step = Math.max(1, Math.floor(Math.sqrt((height * width) / sample_px)));
  const into: number[] = [];
  for (let y = 0; y < height; y += step) for (let x = 0; x < width; x += step) into.push(finite(values[y * width + x]));
  return Float32Array.from(into);
}

/** As numpy's: linear between neighbours. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  const at = ((sorted.length - 1) * percent) / 100;
  const low = Math.floor(at);
  const next = sorted[Math.min(low + 1, sorted.length - 1)];
  return sorted[low] + (next - sorted[low]) * (at - low);
}

const stretched = (value: number, low: number, high: number): number => (value - low) / Math.max(high - low, 1e-6 + 1e-3 * Math.abs(high));

/** Three planes for the encoder, cut to sides that are multiples of `multiple_px` by repeating the last row and column. */
export function see(plane: Plane, look: Look, how: Normalisation, multiple_px: number): { readonly height: number; readonly width: number; readonly data: Float32Array } {
  const height = Math.ceil(plane.height / multiple_px) * multiple_px;
  const width = Math.ceil(plane.width / multiple_px) * multiple_px;
  const area = height * width;
  const data = new Float32Array(3 * area);
  const count = Math.min(plane.channels.length, 3);
  for (let i = 0; i < area; i++) {
    const from = Math.min(Math.floor(i / width), plane.height - 1) * plane.width + Math.min(i % width, plane.width - 1);
    let sum = 0;
    for (let c = 0; c < count; c++) {
      const value = stretched(finite(plane.channels[c][from]), look.low[c], look.high[c]);
      data[c * area + i] = Math.min(Math.max(look.inverted ? 1 - value : value, how.clip_low), how.clip_high);
      sum += data[c * area + i];
    }
    for (let c = count; c < 3; c++) data[c * area + i] = sum / count;
  }
  return { height, width, data };
}
