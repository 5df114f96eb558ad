/** Pixel tiles in the tab, the least recently used given up first. */
import type { PixelTile } from "../view/scene";

export class TileStore {
  /** In the order of last use. */
  readonly #tiles = new Map<string, PixelTile>();
  #bytes = 0;

  constructor(private readonly most_bytes: number) {}

  has(key: string): boolean {
    return this.#tiles.has(key);
  }

  get(key: string): PixelTile | undefined {
    const tile = this.#tiles.get(key);
    if (tile) {
      this.#tiles.delete(key);
      this.#tiles.set(key, tile);
    }
    return tile;
  }

  put(key: string, tile: PixelTile): void {
    this.#bytes -= this.#tiles.get(key)?.data.byteLength ?? 0;
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    this.#bytes += tile.data.byteLength;
    for (const [old, { data }] of this.#tiles) {
      if (this.#bytes <= this.most_bytes || old === key) return;
      this.#tiles.delete(old);
      this.#bytes -= data.byteLength;
    }
  }
}
