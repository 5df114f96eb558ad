/** A small picture of grey values, row-major; what every craft function takes. */
export interface Grey {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

export const greyOf = (data: Float32Array, width: number): Grey => ({ data, width, height: data.length / width });

/** Lowest and highest value; [0, 0] of nothing. */
export function rangeOf(data: Float32Array): readonly [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return data.length === 0 ? [0, 0] : [low, high];
}

/** The value below which `percent` of all lie, between neighbours in proportion (numpy.percentile). */
export function percentileOf(data: Float32Array, percent: number): number {
  const values = data.slice();
  const at = ((values.length - 1) * percent) / 100;
  const below = Math.floor(at);
  putInPlace(values, below);
  let above = Infinity;
  for (let i = below + 1; i < values.length; i++) if (values[i] < above) above = values[i];
  return above === Infinity ? values[below] : values[below] + (above - values[below]) * (at - below);
}

/** Moves values so that the k-th is the one it would be in order, none before it greater, none after it less (Hoare 1961). */
function putInPlace(values: Float32Array, k: number): void {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const held = values[i];
      values[i++] = values[j];
      values[j--] = held;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}
