/**
 * Watershed by flooding from markers in the order of heights: Soille and Ansoult, Signal Processing 20, 1990; the same
 * order of pixels as skimage.segmentation.watershed with four neighbours, so the same label map. Heights are whole
 * numbers: a queue of levels then takes the place of a heap.
 */
import { LevelQueue } from "./level-queue";

export interface Basins {
  /** Marker number of each pixel; 0 outside the mask and where no marker reaches. */
  readonly labels: Int32Array;
  /** Height over which the flood had to go to where two markers first met; -Infinity when they never did. */
  readonly pass: number;
}

/** Floods `mask` from the non-zero pixels of `markers`, low heights first. */
export function watershed(heights: Int32Array, markers: ArrayLike<number>, mask: ArrayLike<number>, width: number): Basins {
  const { lowest, levels } = levelsOf(heights);
  const labels = new Int32Array(heights.length);
  const queue = new LevelQueue(levels, heights.length);
  for (let i = 0; i < labels.length; i++) {
    if (markers[i] === 0 || mask[i] === 0) continue;
    labels[i] = markers[i];
    queue.push(heights[i] - lowest, i);
  }
  let pass = -Infinity;
  let level = -Infinity;
  for (let i = queue.pop(); i >= 0; i = queue.pop()) {
    if (heights[i] > level) level = heights[i];
    const x = i % width;
    if (i >= width) visit(labels[i], i - width);
    if (x > 0) visit(labels[i], i - 1);
    if (x < width - 1) visit(labels[i], i + 1);
    if (i + width < labels.length) visit(labels[i], i + width);
  }
  return { labels, pass };

  function visit(label: number, to: number): void {
    if (mask[to] === 0) return;
    if (labels[to] === 0) {
      labels[to] = label;
      queue.push(heights[to] - lowest, to);
    } else if (labels[to] !== label && pass === -Infinity) pass = level;
  }
}

function levelsOf(heights: Int32Array): { readonly lowest: number; readonly levels: number } {
  let [lowest, highest] = [Infinity, -Infinity];
  for (let i = 0; i < heights.length; i++) {
    if (heights[i] < lowest) lowest = heights[i];
    if (heights[i] > highest) highest = heights[i];
  }
  return { lowest, levels: heights.length === 0 ? 0 : highest - lowest + 1 };
}
