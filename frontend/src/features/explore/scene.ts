/** Points on a plane: where they are seen, which one is under the pointer, which lie inside a gate. Plain arithmetic. */

export interface View {
  /** Plane coordinates at the middle of the canvas. */
  x: number;
  y: number;
  /** Canvas px per unit of each axis; y points up. */
  scaleX: number;
  scaleY: number;
}

export interface Place {
  x: number;
  y: number;
}

export interface Points {
  x: Float32Array;
  y: Float32Array;
}

const MARGIN = 0.92;

/** The whole cloud; with `square` both axes have one scale. The farthest of a thousand points may lie outside. */
export function fit(points: Points, width: number, height: number, square: boolean): View {
  const [x0, x1] = span(points.x);
  const [y0, y1] = span(points.y);
  let scaleX = (width * MARGIN) / Math.max(x1 - x0, 1e-9);
  let scaleY = (height * MARGIN) / Math.max(y1 - y0, 1e-9);
  if (square) scaleX = scaleY = Math.min(scaleX, scaleY);
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, scaleX, scaleY };
}

function span(values: Float32Array): [number, number] {
  const sorted = values.filter((value) => Number.isFinite(value)).sort();
  if (sorted.length === 0) return [0, 1];
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const [low, high] = [at(0.001), at(0.999)];
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}

export const seen = (view: View, x: number, y: number, width: number, height: number): Place => ({
  x: width / 2 + (x - view.x) * view.scaleX,
  y: height / 2 - (y - view.y) * view.scaleY,
});

export const under = (view: View, at: Place, width: number, height: number): Place => ({
  x: view.x + (at.x - width / 2) / view.scaleX,
  y: view.y - (at.y - height / 2) / view.scaleY,
});

export function zoomed(view: View, at: Place, factor: number, width: number, height: number): View {
  const fixed = under(view, at, width, height);
  const next = { ...view, scaleX: view.scaleX * factor, scaleY: view.scaleY * factor };
  const moved = under(next, at, width, height);
  return { ...next, x: view.x + fixed.x - moved.x, y: view.y + fixed.y - moved.y };
}

/** The point nearest to a place on the canvas, at most `reach` px away, or −1. */
export function nearest(points: Points, view: View, at: Place, width: number, height: number, reach: number): number {
  let best = -1;
  let least = reach * reach;
  const middle = under(view, at, width, height);
  for (let i = 0; i < points.x.length; i++) {
    const dx = ((points.x[i] ?? NaN) - middle.x) * view.scaleX;
    if (!(dx * dx <= least)) continue;
    const dy = ((points.y[i] ?? NaN) - middle.y) * view.scaleY;
    const far = dx * dx + dy * dy;
    if (far <= least) {
      least = far;
      best = i;
    }
  }
  return best;
}

/** Numbers of the points inside a polygon in plane coordinates (even-odd rule). */
export function inside(points: Points, polygon: readonly Place[]): number[] {
  const found: number[] = [];
  for (let i = 0; i < points.x.length; i++) if (contains(polygon, points.x[i] ?? NaN, points.y[i] ?? NaN)) found.push(i);
  return found;
}

function contains(polygon: readonly Place[], x: number, y: number): boolean {
  let odd = false;
  let before = polygon[polygon.length - 1];
  for (const corner of polygon) {
    if (before && corner.y > y !== before.y > y && x < ((before.x - corner.x) * (y - corner.y)) / (before.y - corner.y) + corner.x) odd = !odd;
    before = corner;
  }
  return odd;
}

/** Draws squares of `side` px into the pixels of a canvas, later ones on top: 100,000 take a few milliseconds. */
export function paint(pixels: Uint32Array, width: number, height: number, points: Points, view: View, colours: Uint32Array, order: Uint32Array, side: number): void {
  const [left, top] = [width / 2 - view.x * view.scaleX - side / 2, height / 2 + view.y * view.scaleY - side / 2];
  const { x: xs, y: ys } = points;
  // Plain loops: an iterator and a fill for every row cost more than the painting itself.
  for (let at = 0; at < order.length; at++) {
    const i = order[at];
    const colour = colours[i];
    const x = Math.round(left + xs[i] * view.scaleX);
    const y = Math.round(top - ys[i] * view.scaleY);
    if (colour === 0 || !(x >= 0 && y >= 0 && x <= width - side && y <= height - side)) continue;
    for (let row = y * width + x, end = row + side * width; row < end; row += width) {
      for (let place = row; place < row + side; place++) pixels[place] = colour;
    }
  }
}
