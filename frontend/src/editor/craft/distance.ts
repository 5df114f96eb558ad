/**
 * Exact Euclidean distance to the nearest pixel outside (scipy.ndimage.distance_transform_edt), in two passes over
 * parabolas: Felzenszwalb and Huttenlocher, Theory of Computing 8, 2012.
 */

/** Distance in px of every pixel inside to the nearest pixel that is 0; Infinity where there is none. */
export function distanceInside(mask: ArrayLike<number>, width: number): Float32Array {
  const height = mask.length / width;
  const squared = columnDistances(mask, width, height);
  const row = new Float64Array(width);
  const lower = new Envelope(width);
  const distance = new Float32Array(mask.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) row[x] = squared[y * width + x];
    lower.of(row);
    for (let x = 0; x < width; x++) distance[y * width + x] = Math.sqrt(lower.values[x]);
  }
  return distance;
}

/** Squared distance to the nearest 0 in the same column. */
function columnDistances(mask: ArrayLike<number>, width: number, height: number): Float64Array {
  const squared = new Float64Array(mask.length);
  for (let x = 0; x < width; x++) {
    let away = Infinity;
    for (let y = 0; y < height; y++) {
      away = mask[y * width + x] === 0 ? 0 : away + 1;
      squared[y * width + x] = away * away;
    }
    away = Infinity;
    for (let y = height - 1; y >= 0; y--) {
      away = mask[y * width + x] === 0 ? 0 : away + 1;
      squared[y * width + x] = Math.min(squared[y * width + x], away * away);
    }
  }
  return squared;
}

/** Lower envelope of the parabolas (x - q)² + height[q]. */
class Envelope {
  readonly values: Float64Array;
  readonly #at: Int32Array;
  readonly #from: Float64Array;

  constructor(private readonly length: number) {
    this.values = new Float64Array(length);
    this.#at = new Int32Array(length);
    this.#from = new Float64Array(length + 1);
  }

  of(heights: Float64Array): void {
    const last = this.#build(heights);
    if (last < 0) {
      this.values.fill(Infinity);
      return;
    }
    for (let x = 0, k = 0; x < this.length; x++) {
      while (k < last && this.#from[k + 1] < x) k++;
      this.values[x] = (x - this.#at[k]) ** 2 + heights[this.#at[k]];
    }
  }

  /** Index of the last parabola of the envelope; -1: none is finite. */
  #build(heights: Float64Array): number {
    let last = -1;
    for (let q = 0; q < this.length; q++) {
      if (heights[q] === Infinity) continue;
      let start = -Infinity;
      while (last >= 0) {
        const p = this.#at[last];
        start = (heights[q] + q * q - heights[p] - p * p) / (2 * (q - p));
        if (start > this.#from[last]) break;
        last--;
      }
      last++;
      this.#at[last] = q;
      this.#from[last] = last === 0 ? -Infinity : start;
    }
    return last;
  }
}
