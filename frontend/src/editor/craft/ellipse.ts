/** Boxes and ellipses to pixels: a pixel belongs when its centre is inside. Corners are rounded to sixteenths of a pixel. */
import type { Point } from "../core/geometry";
import { UNITS } from "../core/rasterize";

interface Span {
  readonly low: number;
  readonly high: number;
}

const HALF = UNITS / 2;

/** Sixteenths of a pixel. */
const spanOf = (a: number, b: number): Span => ({ low: Math.round(Math.min(a, b) * UNITS), high: Math.round(Math.max(a, b) * UNITS) });

/** First and last pixel (half-open) with its centre in the span; + 0 makes 0 of -0. */
const pixelsIn = ({ low, high }: Span): readonly [number, number] => [Math.ceil((low - HALF) / UNITS) + 0, Math.ceil((high - HALF) / UNITS) + 0];

export function runsOfBox(from: Point, to: Point): number[] {
  const [x0, x1] = pixelsIn(spanOf(from.x, to.x));
  const [y0, y1] = pixelsIn(spanOf(from.y, to.y));
  return x1 > x0 ? Array.from({ length: Math.max(0, y1 - y0) }, (_, i) => [y0 + i, x0, x1 - x0]).flat() : [];
}

/** The ellipse that touches all four sides of the box. */
export function runsOfEllipse(from: Point, to: Point): number[] {
  const [across, down] = [spanOf(from.x, to.x), spanOf(from.y, to.y)];
  const [y0, y1] = pixelsIn(down);
  const runs: number[] = [];
  for (let y = y0; y < y1; y++) {
    // All twice as large, so that the middle is whole.
    const off = 2 * (y * UNITS + HALF) - down.low - down.high;
    const height = down.high - down.low;
    const half = ((across.high - across.low) / 2) * Math.sqrt(Math.max(0, 1 - (off / height) ** 2));
    const middle = (across.low + across.high) / 2;
    const [x0, x1] = pixelsIn({ low: middle - half, high: middle + half });
    if (x1 > x0) runs.push(y, x0, x1 - x0);
  }
  return runs;
}
