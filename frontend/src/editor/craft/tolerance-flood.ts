/**
 * The magic wand: everything joined to a pixel whose grey value differs by no more than a tolerance
 * (skimage.segmentation.flood with eight neighbours). Pixels are taken in the order of the tolerance at which they
 * join, so a greater tolerance goes on from the smaller one and a smaller one only looks up.
 */
import type { Grey } from "./grey";
import { PixelHeap } from "./pixel-heap";

export class ToleranceFlood {
  /** Tolerance at which a pixel joins; Infinity where the flood has not yet been. */
  readonly joins: Float64Array;
  readonly #queue = new PixelHeap();
  readonly #seen: Uint8Array;
  readonly #value: number;

  constructor(
    private readonly grey: Grey,
    seed: number,
    /** Pixels that are never taken are not 0. */
    barred?: Uint8Array,
  ) {
    this.joins = new Float64Array(grey.data.length).fill(Infinity);
    this.#seen = Uint8Array.from(barred ?? new Uint8Array(grey.data.length));
    this.#value = grey.data[seed];
    this.#seen[seed] = 1;
    this.#queue.push(0, seed);
  }

  /** 1 where the flood of this tolerance is. */
  mask(tolerance: number): Uint8Array {
    this.#reach(tolerance);
    const mask = new Uint8Array(this.joins.length);
    for (let i = 0; i < mask.length; i++) if (this.joins[i] <= tolerance) mask[i] = 1;
    return mask;
  }

  #reach(tolerance: number): void {
    const { width, height } = this.grey;
    while (this.#queue.lowest <= tolerance) {
      const joins = this.#queue.lowest;
      const i = this.#queue.pop();
      this.joins[i] = joins;
      const [y, x] = [Math.floor(i / width), i % width];
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) this.#visit(ny * width + nx, joins);
      }
    }
  }

  /** A pixel joins when the flood reaches it, or when its own difference is allowed, whichever is later. */
  #visit(i: number, joins: number): void {
    if (this.#seen[i] !== 0) return;
    this.#seen[i] = 1;
    this.#queue.push(Math.max(joins, Math.abs(this.grey.data[i] - this.#value)), i);
  }
}
