/** A cell cut out with some room around it, for arithmetic on its shape. */
import type { Rect } from "./geometry";
import type { Mask } from "./mask";
import { boundsOf } from "./runs";
import type { Runs } from "./runs";

export interface ImageExtent {
  readonly height: number;
  readonly width: number;
}

/** The cell with so much empty room around, but never beyond the image: past its border nothing is known. Null for no runs. */
export function windowOf(runs: Runs, room_px: number, image: ImageExtent): Mask | null {
  const bounds = boundsOf(runs);
  if (!bounds) return null;
  return drawnIn(runs, {
    y0: Math.max(0, bounds.y_min - room_px),
    x0: Math.max(0, bounds.x_min - room_px),
    y1: Math.min(image.height, bounds.y_max + 1 + room_px),
    x1: Math.min(image.width, bounds.x_max + 1 + room_px),
  });
}

/** What of the runs lies in the rectangle. */
export function drawnIn(runs: Runs, { x0, y0, x1, y1 }: Rect): Mask {
  const [height, width] = [y1 - y0, x1 - x0];
  const data = new Uint8Array(height * width);
  for (let i = 0; i < runs.length; i += 3) {
    if (runs[i] < y0 || runs[i] >= y1) continue;
    const [from, to] = [Math.max(x0, runs[i + 1]), Math.min(x1, runs[i + 1] + runs[i + 2])];
    if (to > from) data.fill(1, (runs[i] - y0) * width + from - x0, (runs[i] - y0) * width + to - x0);
  }
  return { data, height, width, y: y0, x: x0 };
}
