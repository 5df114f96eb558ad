/** Exact Euclidean distances in small pictures. */

/** Further than any pixel of a picture, squared. */
export const FAR2 = 2 ** 40;

/**
 * Squared distance (px²) of every pixel to the nearest one that holds `value`; FAR2 where there is none. Two passes:
 * Meijster, Roerdink, Hesselink 2000, "A general algorithm for computing distance transforms in linear time".
 */
export function squaredDistances(data: Uint8Array, width: number, value: 0 | 1): Float64Array {
  const height = data.length / width;
  const columns = columnDistances(data, width, height, value);
  const result = new Float64Array(data.length);
  const row = new Envelope(width);
  for (let y = 0; y < height; y++) row.distances(columns.subarray(y * width, (y + 1) * width), result, y * width);
  return result;
}

/** Distance along the column alone; FAR where the column holds none. */
function columnDistances(data: Uint8Array, width: number, height: number, value: number): Float64Array {
  const far = Math.sqrt(FAR2);
  const down = new Float64Array(data.length).fill(far);
  for (let x = 0; x < width; x++) {
    let away = far;
    for (let i = x; i < data.length; i += width) down[i] = away = data[i] === value ? 0 : Math.min(far, away + 1);
    away = far;
    for (let i = (height - 1) * width + x; i >= 0; i -= width) {
      away = data[i] === value ? 0 : Math.min(far, away + 1);
      down[i] = Math.min(down[i], away);
    }
  }
  return down;
}

/** The lowest of the parabolas (x - u)² + g(u)² over a row. */
class Envelope {
  readonly #at: Int32Array;
  readonly #from: Int32Array;

  constructor(private readonly width: number) {
    this.#at = new Int32Array(width);
    this.#from = new Int32Array(width);
  }

  distances(g: Float64Array, into: Float64Array, start: number): void {
    const [at, from, { width }] = [this.#at, this.#from, this];
    const height2 = (x: number, u: number): number => (x - u) * (x - u) + g[u] * g[u];
    let last = 0;
    at[0] = from[0] = 0;
    for (let u = 1; u < width; u++) {
      while (last >= 0 && height2(from[last], at[last]) > height2(from[last], u)) last--;
      if (last < 0) {
        last = 0;
        at[0] = u;
      } else {
        const i = at[last];
        const meet = 1 + Math.floor((u * u - i * i + g[u] * g[u] - g[i] * g[i]) / (2 * (u - i)));
        if (meet >= width) continue;
        at[++last] = u;
        from[last] = meet;
      }
    }
    for (let x = width - 1; x >= 0; x--) {
      into[start + x] = Math.min(FAR2, height2(x, at[last]));
      if (x === from[last]) last--;
    }
  }
}
