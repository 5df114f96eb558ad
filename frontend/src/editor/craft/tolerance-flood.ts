/**
 * The magic wand: everything joined to a pixel whose grey value differs by no more than a tolerance
 * (skimage.segmentation.flood with eight neighbours). Found by spans, anew for each tolerance: the work follows the region.
 */
import type { Grey } from "./grey";

export class ToleranceFlood {
  readonly #value: number;
  #stack = new Int32Array(4096);
  #count = 0;

  constructor(
    private readonly grey: Grey,
    private readonly seed: number,
    /** Pixels that are never taken are not 0. */
    private readonly barred: Uint8Array = new Uint8Array(grey.data.length),
  ) {
    this.#value = grey.data[seed];
  }

  /** 1 where the flood of this tolerance is. */
  mask(tolerance: number): Uint8Array {
    const { data, width, height } = this.grey;
    const { barred } = this;
    const mask = new Uint8Array(data.length);
    const [low, high] = [this.#value - tolerance, this.#value + tolerance];
    const isOpen = (i: number): boolean => mask[i] === 0 && barred[i] === 0 && data[i] >= low && data[i] <= high;
    if (isOpen(this.seed)) this.#push(this.seed);
    while (this.#count > 0) {
      const at = this.#stack[--this.#count];
      if (!isOpen(at)) continue;
      const row = Math.floor(at / width) * width;
      let first = at;
      let last = at;
      while (first > row && isOpen(first - 1)) first--;
      while (last < row + width - 1 && isOpen(last + 1)) last++;
      mask.fill(1, first, last + 1);
      const [from, to] = [Math.max(row, first - 1), Math.min(row + width - 1, last + 1)];
      if (row > 0) this.#pushSpans(from - width, to - width, isOpen);
      if (row < (height - 1) * width) this.#pushSpans(from + width, to + width, isOpen);
    }
    return mask;
  }

  /** The first pixel of each open stretch. */
  #pushSpans(from: number, to: number, isOpen: (i: number) => boolean): void {
    let inside = false;
    for (let i = from; i <= to; i++) {
      const open = isOpen(i);
      if (open && !inside) this.#push(i);
      inside = open;
    }
  }

  #push(i: number): void {
    if (this.#count === this.#stack.length) {
      const longer = new Int32Array(this.#stack.length * 2);
      longer.set(this.#stack);
      this.#stack = longer;
    }
    this.#stack[this.#count++] = i;
  }
}

/** Takes what the mask encloses (over edges, not corners) and may be taken. */
export function fillHolesOf(mask: Uint8Array, width: number, barred: Uint8Array): void {
  const height = mask.length / width;
  const outside = new Uint8Array(mask.length);
  const stack = new Int32Array(mask.length);
  let count = 0;
  const visit = (i: number): void => {
    if (mask[i] !== 0 || outside[i] !== 0) return;
    outside[i] = 1;
    stack[count++] = i;
  };
  for (let x = 0; x < width; x++) [x, (height - 1) * width + x].forEach(visit);
  for (let y = 0; y < height; y++) [y * width, y * width + width - 1].forEach(visit);
  while (count > 0) {
    const i = stack[--count];
    const x = i % width;
    if (x > 0) visit(i - 1);
    if (x < width - 1) visit(i + 1);
    if (i >= width) visit(i - width);
    if (i + width < mask.length) visit(i + width);
  }
  for (let i = 0; i < mask.length; i++) if (outside[i] === 0 && barred[i] === 0) mask[i] = 1;
}
