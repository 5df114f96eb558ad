/** Histograms and automatic contrast. */
import type { Histogram } from "../door";
import type { PixelArray } from "../host";

const BINS = 256;

/** Shares of pixels that automatic contrast lets go black and full. */
export const AUTO_SHARE = 0.001;

/** As numpy.histogram with 256 bins; values that are no numbers are left out. */
export function histogramOf(tiles: readonly PixelArray[]): Histogram | null {
  const [min, max] = rangeOf(tiles);
  if (min > max) return null;
  const counts = new Uint32Array(BINS);
  const width = (max - min) / BINS;
  const binOf = (value: number): number => {
    const bin = width > 0 ? Math.min(BINS - 1, Math.floor((value - min) / width)) : 0;
    // The quotient may fall on the wrong side of an edge by a rounding error: the edge itself decides.
    if (bin > 0 && value < min + bin * width) return bin - 1;
    return bin < BINS - 1 && value >= min + (bin + 1) * width && width > 0 ? bin + 1 : bin;
  };
  for (const tile of tiles) {
    for (const value of tile) if (Number.isFinite(value)) counts[binOf(value)]++;
  }
  return { counts, min, max };
}

function rangeOf(tiles: readonly PixelArray[]): [number, number] {
  let [min, max] = [Infinity, -Infinity];
  for (const tile of tiles) {
    for (const value of tile) {
      if (!Number.isFinite(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return [min, max];
}

/** Values below and above which `share` of all pixels lie: exact order statistics, numpy.percentile's "lower" and "higher". */
export function autoWindow(tiles: readonly PixelArray[], share = AUTO_SHARE): [number, number] | null {
  const values = finiteValues(tiles);
  if (values.length === 0) return null;
  values.sort();
  const low = values[Math.floor(share * (values.length - 1))];
  const high = values[Math.ceil((1 - share) * (values.length - 1))];
  return high > low ? [low, high] : [low, low + 1];
}

function finiteValues(tiles: readonly PixelArray[]): Float32Array {
  const values = new Float32Array(tiles.reduce((sum, tile) => sum + tile.length, 0));
  let at = 0;
  for (const tile of tiles) {
    if (tile instanceof Float32Array && !tile.every(Number.isFinite)) for (const value of tile.filter(Number.isFinite)) values[at++] = value;
    else {
      values.set(tile, at);
      at += tile.length;
    }
  }
  return values.subarray(0, at);
}
