/**
 * Intelligent scissors: the cheapest way from an anchor to the pointer over a picture where edges are cheap. Mortensen
 * and Barrett, SIGGRAPH 1995, with their three costs (gradient, its direction, zero crossing of the Laplacian) and, as
 * there, ways found as far as the pointer has been: the work follows the distance, never the picture.
 */
import type { Point } from "../core/geometry";
import { gaussian } from "./gaussian";
import { gradientOf } from "./gradient";
import type { Grey } from "./grey";
import { percentileOf } from "./grey";
import { PixelHeap } from "./pixel-heap";

/** Weights of the paper. */
const OF_CROSSING = 0.43;
const OF_DIRECTION = 0.43;
const OF_MAGNITUDE = 0.14;
/** A way over flat ground is not free, or it would wander. */
const GROUND = 0.02;
/** Gradients above this percentile are full edges: a single bright speck does not outshine all others. */
const FULL_EDGE_PERCENT = 97;

export class LiveWire {
  readonly #width: number;
  readonly #height: number;
  readonly #tx: Float32Array;
  readonly #ty: Float32Array;
  readonly #node: Float32Array;
  readonly #cost: Float64Array;
  readonly #from: Int32Array;
  readonly #done: Uint8Array;
  readonly #queue = new PixelHeap();
  readonly #pull: number;

  /** `pull` 0: straight lines, 1: edges only. */
  constructor(grey: Grey, anchor: number, smoothing_px: number, pull: number) {
    const smooth = gaussian(grey, Math.max(0.7, smoothing_px));
    const { x, y } = gradientOf(smooth);
    const size = grey.data.length;
    this.#width = grey.width;
    this.#height = grey.height;
    this.#pull = pull;
    this.#tx = new Float32Array(size);
    this.#ty = new Float32Array(size);
    this.#node = this.#nodeCosts(smooth, x, y);
    this.#cost = new Float64Array(size).fill(Infinity);
    this.#from = new Int32Array(size).fill(-1);
    this.#done = new Uint8Array(size);
    this.#cost[anchor] = 0;
    this.#queue.push(0, anchor);
  }

  /** What a pixel costs whichever way it is crossed; notes the direction along its edge. */
  #nodeCosts(smooth: Grey, gx: Float32Array, gy: Float32Array): Float32Array {
    const magnitude = gx.map((dx, i) => Math.hypot(dx, gy[i]));
    const full = percentileOf(magnitude, FULL_EDGE_PERCENT) || 1;
    const bends = laplacianOf(smooth);
    return magnitude.map((g, i) => {
      if (g > 0) [this.#tx[i], this.#ty[i]] = [-gy[i] / g, gx[i] / g];
      const strength = Math.min(1, g / full);
      // Zero crossings of noise on flat ground are worth nothing.
      const crossing = crosses(bends, i, smooth.width) ? strength : 0;
      return OF_MAGNITUDE * (1 - strength) + OF_CROSSING * (1 - crossing) + OF_DIRECTION * (1 - strength);
    });
  }

  /** Pixels from the anchor (first) to the target (last). */
  path(target: number): number[] {
    this.#reach(target);
    const path: number[] = [];
    for (let i = target; i >= 0; i = this.#from[i]) path.push(i);
    return path.reverse();
  }

  #reach(target: number): void {
    const [width, height] = [this.#width, this.#height];
    while (this.#done[target] === 0 && this.#queue.size > 0) {
      const i = this.#queue.pop();
      if (this.#done[i] !== 0) continue;
      this.#done[i] = 1;
      const [y, x] = [Math.floor(i / width), i % width];
      for (let dy = y > 0 ? -1 : 0; dy <= (y < height - 1 ? 1 : 0); dy++) {
        for (let dx = x > 0 ? -1 : 0; dx <= (x < width - 1 ? 1 : 0); dx++) this.#step(i, i + dy * width + dx, dx, dy);
      }
    }
  }

  #step(from: number, to: number, dx: number, dy: number): void {
    if (this.#done[to] !== 0) return;
    const length = dx !== 0 && dy !== 0 ? Math.SQRT2 : 1;
    // An edge is followed along, not crossed.
    const along = (Math.abs(this.#tx[from] * dx + this.#ty[from] * dy) + Math.abs(this.#tx[to] * dx + this.#ty[to] * dy)) / (2 * length);
    const edge = this.#node[to] + OF_DIRECTION * (1 - this.#node[to]) * (1 - along);
    const cost = this.#cost[from] + length * (GROUND + (1 - this.#pull) + this.#pull * edge);
    if (cost >= this.#cost[to]) return;
    this.#cost[to] = cost;
    this.#from[to] = from;
    this.#queue.push(cost, to);
  }
}

/** The Laplacian changes its sign between this pixel and a neighbour, and is nearer to zero here. */
function crosses(bends: Float32Array, i: number, width: number): boolean {
  const here = bends[i];
  const opposes = (there: number): boolean => there * here < 0 && Math.abs(here) <= Math.abs(there);
  return here === 0 || opposes(bends[i + 1]) || opposes(bends[i - 1]) || opposes(bends[i + width]) || opposes(bends[i - width]);
}

/** 0 on the picture's border. */
function laplacianOf({ data, width, height }: Grey): Float32Array {
  const bends = new Float32Array(data.length);
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * width + 1; i < (y + 1) * width - 1; i++) bends[i] = data[i - 1] + data[i + 1] + data[i - width] + data[i + width] - 4 * data[i];
  }
  return bends;
}

/** Pixels of a way as points at their centres; those on a straight stretch are left out. */
export function pointsOfPath(path: readonly number[], width: number, at: { readonly x: number; readonly y: number }): Point[] {
  const points = path.map((i) => ({ x: at.x + (i % width) + 0.5, y: at.y + Math.floor(i / width) + 0.5 }));
  return points.filter((point, k) => k === 0 || k === points.length - 1 || !isStraight(points[k - 1], point, points[k + 1]));
}

const isStraight = (a: Point, b: Point, c: Point): boolean => b.x - a.x === c.x - b.x && b.y - a.y === c.y - b.y;
