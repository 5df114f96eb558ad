/** A queue of pixels by whole levels: the lowest level first, within a level the one that came first. A pixel enters once. */
export class LevelQueue {
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  readonly #next: Int32Array;
  #lowest = 0;
  #count = 0;

  constructor(levels: number, pixels: number) {
    this.#heads = new Int32Array(levels).fill(-1);
    this.#tails = new Int32Array(levels);
    this.#next = new Int32Array(pixels);
  }

  push(level: number, pixel: number): void {
    this.#next[pixel] = -1;
    if (this.#heads[level] < 0) this.#heads[level] = pixel;
    else this.#next[this.#tails[level]] = pixel;
    this.#tails[level] = pixel;
    if (this.#count === 0 || level < this.#lowest) this.#lowest = level;
    this.#count++;
  }

  /** -1 when it is empty. */
  pop(): number {
    if (this.#count === 0) return -1;
    while (this.#heads[this.#lowest] < 0) this.#lowest++;
    const pixel = this.#heads[this.#lowest];
    this.#heads[this.#lowest] = this.#next[pixel];
    this.#count--;
    return pixel;
  }
}
