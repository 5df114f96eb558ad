/** Cell ids reserved from the server ahead of need, so that drawing never waits and goes on without a network. */

export interface IdBlock {
  readonly first: number;
  readonly count: number;
}

export class IdPool {
  readonly #blocks: { next: number; left: number }[] = [];
  #left = 0;

  get left(): number {
    return this.#left;
  }

  add(block: IdBlock): void {
    if (block.count <= 0) return;
    this.#blocks.push({ next: block.first, left: block.count });
    this.#left += block.count;
  }

  /** Null when none is left. */
  take(): number | null {
    const block = this.#blocks[0];
    if (block === undefined) return null;
    const id = block.next++;
    this.#left--;
    if (--block.left === 0) this.#blocks.shift();
    return id;
  }
}
