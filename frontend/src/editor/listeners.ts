/** Tells listeners once after many changes. */
export class Listeners {
  readonly #listeners = new Set<() => void>();
  #due = false;
  #waiting: (() => void)[] = [];

  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** At the end of the present task, however often it is called in it. */
  tellSoon(): void {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const tell of [...this.#listeners, ...waiting]) tell();
    });
  }

  /** Resolves with the next telling. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  clear(): void {
    this.#listeners.clear();
    for (const tell of this.#waiting) tell();
    this.#waiting = [];
  }
}
