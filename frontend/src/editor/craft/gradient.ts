/** Edges by Sobel's operator, scaled as scikit-image scales it; the border pixel goes on outside. */
import type { Grey } from "./grey";

export interface Gradient {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Change of grey value a pixel to the right and a pixel down, averaged over three lines (1 2 1). */
export function gradientOf({ data, width, height }: Grey): Gradient {
  const x = new Float32Array(data.length);
  const y = new Float32Array(data.length);
  for (let row = 0; row < height; row++) {
    const [above, here, below] = [Math.max(0, row - 1) * width, row * width, Math.min(height - 1, row + 1) * width];
    for (let column = 0; column < width; column++) {
      const [l, r] = [Math.max(0, column - 1), Math.min(width - 1, column + 1)];
      const top = data[above + l] + 2 * data[above + column] + data[above + r];
      const bottom = data[below + l] + 2 * data[below + column] + data[below + r];
      const left = data[above + l] + 2 * data[here + l] + data[below + l];
      const right = data[above + r] + 2 * data[here + r] + data[below + r];
      x[here + column] = (right - left) / 8;
      y[here + column] = (bottom - top) / 8;
    }
  }
  return { x, y, width, height };
}

/** skimage.filters.sobel: twice the root mean square of both directions' quarter sums. */
export function sobel(grey: Grey): Grey {
  const { x, y, width, height } = gradientOf(grey);
  return { data: x.map((dx, i) => Math.hypot(dx, y[i]) * Math.SQRT2), width, height };
}
