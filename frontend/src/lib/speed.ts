/** How fast bytes go, over the last seconds: a mean since the start would hide that the network has slowed. */
export class SpeedMeter {
  readonly #windowMs: number;
  #samples: { at: number; total: number }[] = [];

  constructor(windowMs = 8_000) {
    this.#windowMs = windowMs;
  }

  /** `total` is all that has gone so far, `at` in milliseconds. */
  add(total: number, at: number): void {
    this.#samples.push({ at, total });
    while (this.#samples.length > 2 && this.#samples[1].at < at - this.#windowMs) this.#samples.shift();
  }

  clear(): void {
    this.#samples = [];
  }

  /** Bytes a second; null until there is something to divide. */
  perSecond(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at - first.at < 250) return null;
    return ((last.total - first.total) / (last.at - first.at)) * 1000;
  }

  secondsLeft(remaining: number): number | null {
    const speed = this.perSecond();
    return speed ? remaining / speed : null;
  }
}
