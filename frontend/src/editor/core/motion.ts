/** How far a piece of a picture has moved from one frame to the next, by normalised cross-correlation of grey values. */

/** Row-major grey values whose first pixel lies at (y, x) of the image. */
export interface Picture {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly y: number;
  readonly x: number;
}

export interface Motion {
  readonly dy: number;
  readonly dx: number;
  /** -1 to 1: how alike the two places are; 0 where nothing can be said. */
  readonly likeness: number;
}

/** Templates are halved until they are no larger: the search then costs the same for every cell. */
const COARSE_PX = 24;

/**
 * The move, at most `reach_px` along each axis, after which `later` is most like `earlier`. Only pixels of `weight` (of
 * the size of `earlier`, 1: counts) are compared; `later` should reach so far further on all sides. Coarse to fine.
 */
export function motionOf(earlier: Picture, weight: Uint8Array, later: Picture, reach_px: number): Motion {
  if (Math.max(earlier.height, earlier.width) <= COARSE_PX || reach_px <= 2) return search(earlier, weight, later, { dy: 0, dx: 0 }, reach_px);
  const coarse = motionOf(halved(earlier), halvedWeight(weight, earlier), halved(later), Math.ceil(reach_px / 2));
  return search(earlier, weight, later, { dy: 2 * coarse.dy, dx: 2 * coarse.dx }, 2);
}

function search(earlier: Picture, weight: Uint8Array, later: Picture, around: { dy: number; dx: number }, reach: number): Motion {
  const template = templateOf(earlier, weight);
  let best: Motion = { dy: 0, dx: 0, likeness: 0 };
  for (let dy = around.dy - reach; dy <= around.dy + reach; dy++) {
    for (let dx = around.dx - reach; dx <= around.dx + reach; dx++) {
      const likeness = compare(template, later, dy, dx);
      const nearer = Math.hypot(dy, dx) < Math.hypot(best.dy, best.dx);
      if (likeness > best.likeness + 1e-6 || (likeness > best.likeness - 1e-6 && likeness > 0 && nearer)) best = { dy, dx, likeness };
    }
  }
  return best;
}

/** Pixels that count: place in the image, grey value less the mean; `spread` is the root of their squared sum. */
interface Template {
  readonly ys: Int32Array;
  readonly xs: Int32Array;
  readonly values: Float32Array;
  readonly spread: number;
}

function templateOf({ data, width, y, x }: Picture, weight: Uint8Array): Template {
  const chosen = [...weight.keys()].filter((i) => weight[i] !== 0);
  const mean = chosen.reduce((sum, i) => sum + data[i], 0) / Math.max(1, chosen.length);
  const values = Float32Array.from(chosen, (i) => data[i] - mean);
  return {
    ys: Int32Array.from(chosen, (i) => y + Math.floor(i / width)),
    xs: Int32Array.from(chosen, (i) => x + (i % width)),
    values,
    spread: Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)),
  };
}

/** Fewer than half of the pixels still in the picture: nothing can be said. */
function compare({ ys, xs, values, spread }: Template, later: Picture, dy: number, dx: number): number {
  let [n, sum, squares, product, own] = [0, 0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const [y, x] = [ys[i] + dy - later.y, xs[i] + dx - later.x];
    if (y < 0 || x < 0 || y >= later.height || x >= later.width) continue;
    const value = later.data[y * later.width + x];
    n++;
    sum += value;
    squares += value * value;
    product += value * values[i];
    own += values[i];
  }
  if (2 * n < values.length || n === 0) return 0;
  const variance = squares - (sum * sum) / n;
  return variance <= 1e-9 || spread === 0 ? 0 : (product - (own * sum) / n) / (Math.sqrt(variance) * spread);
}

/** Means of blocks of two by two, on the image's own grid of even pixels. */
function halved(picture: Picture): Picture {
  const [y, x] = [Math.floor(picture.y / 2), Math.floor(picture.x / 2)];
  const height = Math.ceil((picture.y + picture.height) / 2) - y;
  const width = Math.ceil((picture.x + picture.width) / 2) - x;
  const [data, counts] = [new Float32Array(height * width), new Uint8Array(height * width)];
  for (let i = 0; i < picture.data.length; i++) {
    const at = blockOf(picture, i, y, x, width);
    data[at] += picture.data[i];
    counts[at]++;
  }
  return { data: data.map((value, i) => value / Math.max(1, counts[i])), height, width, y, x };
}

function halvedWeight(weight: Uint8Array, picture: Picture): Uint8Array {
  const [y, x] = [Math.floor(picture.y / 2), Math.floor(picture.x / 2)];
  const [height, width] = [Math.ceil((picture.y + picture.height) / 2) - y, Math.ceil((picture.x + picture.width) / 2) - x];
  const result = new Uint8Array(height * width);
  weight.forEach((value, i) => (result[blockOf(picture, i, y, x, width)] |= value));
  return result;
}

const blockOf = (picture: Picture, i: number, y: number, x: number, width: number): number =>
  (Math.floor((picture.y + Math.floor(i / picture.width)) / 2) - y) * width + Math.floor((picture.x + (i % picture.width)) / 2) - x;
