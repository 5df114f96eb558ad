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
export function percentileOf(data: ArrayLike<number>, percent: number): number {
  const sorted = Float64Array.from(data).sort();
  const at = ((sorted.length - 1) * percent) / 100;
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}
