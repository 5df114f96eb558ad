/** Gaussian smoothing, one axis after the other; the border pixel goes on outside (scipy.ndimage.gaussian_filter, mode "nearest"). */
import type { Grey } from "./grey";

/** The kernel is cut at so many standard deviations. */
const TRUNCATE = 4;

export function gaussian(grey: Grey, sigma_px: number): Grey {
  if (sigma_px <= 0) return grey;
  const { data, width, height } = grey;
  const kernel = kernelOf(sigma_px);
  const across = new Float64Array(data.length);
  alongRows(data, across, width, height, kernel);
  const smooth = new Float32Array(data.length);
  alongColumns(across, smooth, width, height, kernel);
  return { data: smooth, width, height };
}

/** Half of the kernel, from its middle outwards; the whole sums to 1. */
function kernelOf(sigma_px: number): Float64Array {
  const radius = Math.floor(TRUNCATE * sigma_px + 0.5);
  const half = Float64Array.from({ length: radius + 1 }, (_, k) => Math.exp((-0.5 * k * k) / (sigma_px * sigma_px)));
  const sum = half.reduce((total, value, k) => total + (k === 0 ? value : 2 * value), 0);
  return half.map((value) => value / sum);
}

function alongRows(from: Float32Array, into: Float64Array, width: number, height: number, kernel: Float64Array): void {
  const radius = kernel.length - 1;
  const row = new Float64Array(width + 2 * radius);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let x = 0; x < row.length; x++) row[x] = from[start + Math.min(width - 1, Math.max(0, x - radius))];
    for (let x = 0; x < width; x++) {
      const at = x + radius;
      let sum = row[at] * kernel[0];
      for (let k = 1; k <= radius; k++) sum += (row[at - k] + row[at + k]) * kernel[k];
      into[start + x] = sum;
    }
  }
}

/** Whole rows are added up, so that memory is read in order. */
function alongColumns(from: Float64Array, into: Float32Array, width: number, height: number, kernel: Float64Array): void {
  const sum = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) sum[x] = from[y * width + x] * kernel[0];
    for (let k = 1; k < kernel.length; k++) {
      const [above, below] = [Math.max(0, y - k) * width, Math.min(height - 1, y + k) * width];
      const weight = kernel[k];
      for (let x = 0; x < width; x++) sum[x] += (from[above + x] + from[below + x]) * weight;
    }
    into.set(sum, y * width);
  }
}
