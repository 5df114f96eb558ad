/**
 * Shapes of one cell, grown, shrunk and smoothed with a disc. As in scikit-image the image's border is no border of
 * the cell: nothing is eaten away from there.
 */
import { componentsOf } from "./components";
import { squaredDistances } from "./distance";
import type { Mask } from "./mask";
import { areaOf, lineOfRuns, runsOfLine, runsOfMask } from "./runs";
import type { Runs } from "./runs";
import { windowOf } from "./window";
import type { ImageExtent } from "./window";

/** All pixels at most `radius_px` from the cell (scikit-image: `isotropic_dilation`). */
export function dilated(runs: Runs, radius_px: number, image: ImageExtent): number[] {
  const mask = windowOf(runs, Math.ceil(radius_px), image);
  return mask ? runsOf(mask, within(mask, radius_px)) : [];
}

/** Pixels further than `radius_px` from all that is not the cell (scikit-image: `isotropic_erosion`). */
export function eroded(runs: Runs, radius_px: number, image: ImageExtent): number[] {
  const mask = windowOf(runs, 1, image);
  return mask ? runsOf(mask, beyond(mask, radius_px)) : [];
}

/** What a disc can reach inside the cell: spurs and bridges thinner than it go. */
export function opened(runs: Runs, radius_px: number, image: ImageExtent): number[] {
  const mask = windowOf(runs, 1, image);
  return mask ? runsOf(mask, within({ ...mask, data: beyond(mask, radius_px) }, radius_px)) : [];
}

/** What no disc outside the cell can reach: bays and gaps narrower than it are filled. */
export function closed(runs: Runs, radius_px: number, image: ImageExtent): number[] {
  const mask = windowOf(runs, 2 * Math.ceil(radius_px) + 1, image);
  return mask ? runsOf(mask, beyond({ ...mask, data: within(mask, radius_px) }, radius_px)) : [];
}

/** Each pixel as most of the disc around it; beyond the image its border goes on (scipy: `median_filter`, mode nearest). */
export function majority(runs: Runs, radius_px: number, image: ImageExtent): number[] {
  const mask = windowOf(runs, radius_px + 1, image);
  return mask ? runsOf(mask, majorityOf(mask, radius_px)) : [];
}

/** The largest part; the first of equals. */
export function largestPart(runs: Runs): number[] {
  const parts = componentsOf(runs);
  return parts.reduce((best, part) => (areaOf(part) > areaOf(best) ? part : best), parts[0] ?? []);
}

/** Without parts of fewer pixels. */
export function withoutSmall(runs: Runs, least_px: number): number[] {
  return runsOfLine(lineOfRuns(componentsOf(runs).filter((part) => areaOf(part) >= least_px).flat()));
}

const runsOf = (mask: Mask, data: Uint8Array): number[] => runsOfMask(data, mask.width, mask.y, mask.x);

function within({ data, width }: Mask, radius_px: number): Uint8Array {
  const [most, distances] = [radius_px * radius_px, squaredDistances(data, width, 1)];
  const result = new Uint8Array(data.length);
  for (let i = 0; i < result.length; i++) result[i] = distances[i] <= most ? 1 : 0;
  return result;
}

function beyond({ data, width }: Mask, radius_px: number): Uint8Array {
  const [most, distances] = [radius_px * radius_px, squaredDistances(data, width, 0)];
  const result = new Uint8Array(data.length);
  for (let i = 0; i < result.length; i++) result[i] = distances[i] > most ? 1 : 0;
  return result;
}

/** Counts by sums along rows: a pixel costs the disc's rows, not its area. */
function majorityOf({ data, height, width }: Mask, radius_px: number): Uint8Array {
  const half = Array.from({ length: 2 * radius_px + 1 }, (_, i) => Math.floor(Math.sqrt(radius_px ** 2 - (i - radius_px) ** 2)));
  const most = half.reduce((sum, h) => sum + 2 * h + 1, 0) / 2;
  const sums = rowSums(data, height, width, radius_px);
  const stride = width + 2 * radius_px + 1;
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const rows = half.map((h, i) => ({ h, start: Math.min(height - 1, Math.max(0, y + i - radius_px)) * stride + radius_px }));
    for (let x = 0; x < width; x++) {
      let count = 0;
      for (const { h, start } of rows) count += sums[start + x + h + 1] - sums[start + x - h];
      result[y * width + x] = Number(count > most);
    }
  }
  return result;
}

/** Running sums of each row, its ends repeated `room` times. */
function rowSums(data: Uint8Array, height: number, width: number, room: number): Int32Array {
  const stride = width + 2 * room + 1;
  const sums = new Int32Array(height * stride);
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < stride - 1; i++) {
      const x = Math.min(width - 1, Math.max(0, i - room));
      sums[y * stride + i + 1] = sums[y * stride + i] + data[y * width + x];
    }
  }
  return sums;
}
