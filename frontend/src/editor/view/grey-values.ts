/** Histograms and automatic contrast. */
import type { Histogram } from "../door";
import type { PixelArray } from "../host";

const BINS = 256;

/** Shares of pixels that automatic contrast lets go black and full. */
export const AUTO_SHARE = 0.001;

export function histogramOf(tiles: readonly PixelArray[]): Histogram | null {
  const [min, max] = rangeOf(tiles);
  if (min > max) return null;
  const counts = new Uint32Array(BINS);
  const scale = max > min ? BINS / (max - min) : 0;
  for (const tile of tiles) {
    for (const value of tile) if (Number.isFinite(value)) counts[Math.min(BINS - 1, Math.floor((value - min) * scale))]++;
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

/** Values below and above which `AUTO_SHARE` of all pixels lie: exact order statistics. */
export function autoWindow(tiles: readonly PixelArray[]): [number, number] | null {
  const total = tiles.reduce((sum, tile) => sum + tile.length, 0);
  if (total === 0) return null;
  const values = new Float32Array(total);
  let at = 0;
  for (const tile of tiles) {
    values.set(tile, at);
    at += tile.length;
  }
  values.sort();
  const low = values[Math.floor(AUTO_SHARE * (total - 1))];
  const high = values[Math.ceil((1 - AUTO_SHARE) * (total - 1))];
  return high > low ? [low, high] : [low, low + 1];
}
