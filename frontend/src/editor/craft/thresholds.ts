/** Grey values that divide a picture in two: the methods of skimage.filters on pictures of floating point. */
import { gaussian } from "./gaussian";
import type { Grey } from "./grey";
import { percentileOf, rangeOf } from "./grey";
import type { ThresholdMethod } from "./options";

const BINS = 256;

export interface ThresholdAsk {
  readonly method: ThresholdMethod;
  readonly percentile: number;
  readonly value: number;
  readonly local_px: number;
}

/** The threshold of each pixel, or one for all. */
export function thresholdOf(grey: Grey, ask: ThresholdAsk): number | Float32Array {
  if (ask.method === "value") return ask.value;
  if (ask.method === "percentile") return percentileOf(grey.data, ask.percentile);
  if (ask.method === "local") return localMean(grey, ask.local_px);
  return { otsu, triangle, li }[ask.method](grey.data);
}

interface Histogram {
  readonly counts: Float64Array;
  readonly centers: Float64Array;
}

/** 256 bins from the lowest to the highest value, as numpy.histogram lays them. Null when all values are equal. */
function histogramOf(data: Float32Array): Histogram | null {
  const [low, high] = rangeOf(data);
  if (!(high > low)) return null;
  const counts = new Float64Array(BINS);
  const edge = (k: number): number => low + (k * (high - low)) / BINS;
  for (let i = 0; i < data.length; i++) {
    let bin = Math.min(BINS - 1, Math.floor(((data[i] - low) / (high - low)) * BINS));
    // Rounding may put a value on an edge into the bin before.
    if (data[i] < edge(bin)) bin--;
    else if (bin < BINS - 1 && data[i] >= edge(bin + 1)) bin++;
    counts[bin]++;
  }
  return { counts, centers: Float64Array.from(counts, (_, k) => (edge(k) + edge(k + 1)) / 2) };
}

/** The division with the greatest variance between both sides: Otsu, IEEE Trans. SMC 9, 1979. */
export function otsu(data: Float32Array): number {
  const histogram = histogramOf(data);
  if (!histogram) return data[0] ?? 0;
  const { counts, centers } = histogram;
  const total = data.length;
  const all = counts.reduce((sum, count, k) => sum + count * centers[k], 0);
  let [below, sum, best, at] = [0, 0, -1, 0];
  for (let k = 0; k < BINS - 1; k++) {
    below += counts[k];
    sum += counts[k] * centers[k];
    const variance = below * (total - below) * (sum / below - (all - sum) / (total - below)) ** 2;
    if (variance > best) [best, at] = [variance, k];
  }
  return centers[at];
}

/** Farthest from the line between the histogram's peak and its longer tail: Zack, Rogers and Latt, 1977. */
export function triangle(data: Float32Array): number {
  const histogram = histogramOf(data);
  if (!histogram) return data[0] ?? 0;
  const { counts, centers } = histogram;
  const top = counts.indexOf(Math.max(...counts));
  const [first, last] = [counts.findIndex((n) => n > 0), counts.findLastIndex((n) => n > 0)];
  const flip = top - first < last - top;
  const [start, step] = flip ? [last, -1] : [first, 1];
  const width = Math.abs(top - start);
  let [best, at] = [-Infinity, start];
  for (let x = 0; x < width; x++) {
    const length = counts[top] * x - width * counts[start + step * x];
    if (length > best) [best, at] = [length, start + step * x];
  }
  return centers[at];
}

/** Least cross-entropy between the picture and its two means: Li and Tam, Pattern Recognition Letters 18, 1998. */
export function li(data: Float32Array): number {
  const [low, high] = rangeOf(data);
  if (!(high > low)) return low;
  const sorted = new Float64Array(new Float32Array(data).sort());
  for (let i = 0; i < sorted.length; i++) sorted[i] -= low;
  const sums = runningSums(sorted);
  const tolerance = smallestStep(sorted) / 2;
  let next = sums[sorted.length] / sorted.length;
  let now = -2 * tolerance;
  while (Math.abs(next - now) > tolerance) {
    now = next;
    const split = countNotAbove(sorted, now);
    const back = sums[split] / split;
    const fore = (sums[sorted.length] - sums[split]) / (sorted.length - split);
    if (back === 0) break;
    next = (back - fore) / (Math.log(back) - Math.log(fore));
  }
  return next + low;
}

function runningSums(sorted: Float64Array): Float64Array {
  const sums = new Float64Array(sorted.length + 1);
  for (let i = 0; i < sorted.length; i++) sums[i + 1] = sums[i] + sorted[i];
  return sums;
}

function smallestStep(sorted: Float64Array): number {
  let smallest = Infinity;
  for (let i = 1; i < sorted.length; i++) {
    const step = sorted[i] - sorted[i - 1];
    if (step > 0 && step < smallest) smallest = step;
  }
  return smallest;
}

function countNotAbove(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Mean of the square around each pixel; outside the picture is mirrored, the border pixel twice (scipy's "reflect"). */
export function localMean({ data, width, height }: Grey, edge_px: number): Float32Array {
  const reach = Math.floor(edge_px / 2);
  const across = new Float64Array(data.length);
  for (let y = 0; y < height; y++) slide(data, across, { start: y * width, step: 1, length: width, reach });
  const mean = new Float32Array(data.length);
  for (let x = 0; x < width; x++) slide(across, mean, { start: x, step: width, length: height, reach });
  return mean;
}

interface Walk {
  readonly start: number;
  readonly step: number;
  readonly length: number;
  readonly reach: number;
}

function slide(from: Float32Array | Float64Array, into: Float32Array | Float64Array, { start, step, length, reach }: Walk): void {
  const at = (i: number): number => from[start + step * mirrored(i, length)];
  let sum = 0;
  for (let i = -reach; i <= reach; i++) sum += at(i);
  for (let i = 0; i < length; i++) {
    into[start + step * i] = sum / (2 * reach + 1);
    sum += at(i + reach + 1) - at(i - reach);
  }
}

function mirrored(i: number, length: number): number {
  const place = ((i % (2 * length)) + 2 * length) % (2 * length);
  return place < length ? place : 2 * length - 1 - place;
}

/** 1 where a pixel is on the wanted side of its threshold. */
export function sideOf(grey: Grey, threshold: number | Float32Array, side: "bright" | "dark"): Uint8Array {
  const mask = new Uint8Array(grey.data.length);
  for (let i = 0; i < mask.length; i++) {
    const limit = typeof threshold === "number" ? threshold : threshold[i];
    mask[i] = Number(side === "bright" ? grey.data[i] > limit : grey.data[i] <= limit);
  }
  return mask;
}

/** What the threshold tool sees: smoothed, then divided. */
export function thresholdMask(grey: Grey, smoothing_px: number, ask: ThresholdAsk, side: "bright" | "dark"): { mask: Uint8Array; threshold: number | null } {
  const smooth = gaussian(grey, smoothing_px);
  const threshold = thresholdOf(smooth, ask);
  return { mask: sideOf(smooth, threshold, side), threshold: typeof threshold === "number" ? threshold : null };
}
