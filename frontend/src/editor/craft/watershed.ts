/**
 * Watershed by flooding from markers with a priority queue: Soille and Ansoult, Signal Processing 20, 1990; the same
 * order of pixels as skimage.segmentation.watershed with four neighbours, so the same label map.
 */
import { PixelHeap } from "./pixel-heap";

export interface Basins {
  /** Marker number of each pixel; 0 outside the mask and where no marker reaches. */
  readonly labels: Int32Array;
  /** Height over which the flood had to go to where two markers first met; -Infinity when they never did. */
  readonly pass: number;
}

/** Floods `mask` from the non-zero pixels of `markers`, low heights first. */
export function watershed(heights: ArrayLike<number>, markers: ArrayLike<number>, mask: ArrayLike<number>, width: number): Basins {
  const labels = Int32Array.from(markers, (marker, i) => (mask[i] === 0 ? 0 : marker));
  const queue = new PixelHeap();
  for (let i = 0; i < labels.length; i++) if (labels[i] !== 0) queue.push(heights[i], i);
  let pass = -Infinity;
  let level = -Infinity;
  for (let i = queue.pop(); i >= 0; i = queue.pop()) {
    level = Math.max(level, heights[i]);
    const x = i % width;
    if (i >= width) visit(i, i - width);
    if (x > 0) visit(i, i - 1);
    if (x < width - 1) visit(i, i + 1);
    if (i + width < labels.length) visit(i, i + width);
  }
  return { labels, pass };

  function visit(from: number, to: number): void {
    if (mask[to] === 0) return;
    if (labels[to] !== 0) {
      if (labels[to] !== labels[from] && pass === -Infinity) pass = level;
      return;
    }
    labels[to] = labels[from];
    queue.push(heights[to], to);
  }
}
