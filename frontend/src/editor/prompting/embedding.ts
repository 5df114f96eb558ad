/** The embedding of one frame, as far as it is here: tiles of bytes. */
import type { PromptModel } from "./contract";
import type { Reach, Size } from "./windows";

export interface TileAt {
  readonly ty: number;
  readonly tx: number;
}

/** Bytes by feature, row, column; `top` … in cells of the frame. */
export interface EmbeddingTile {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  readonly bytes: Uint8Array;
}

/** Half-open rectangles of the picture, px: what a tile covers, and what the encoder must see for it. */
export interface TileArea {
  readonly y0: number;
  readonly x0: number;
  readonly y1: number;
  readonly x1: number;
}

export function tileArea(model: PromptModel, size: Size, { ty, tx }: TileAt, margin_px = 0): TileArea {
  const edge = model.tile_px;
  return {
    y0: Math.max(0, ty * edge - margin_px),
    x0: Math.max(0, tx * edge - margin_px),
    y1: Math.min(size.height, (ty + 1) * edge + margin_px),
    x1: Math.min(size.width, (tx + 1) * edge + margin_px),
  };
}

export const isTile = (model: PromptModel, size: Size, { ty, tx }: TileAt): boolean =>
  ty >= 0 && tx >= 0 && ty * model.tile_px < size.height && tx * model.tile_px < size.width;

const keyOf = ({ ty, tx }: TileAt): number => ty * 65536 + tx;

export class FrameEmbedding {
  readonly #tiles = new Map<number, EmbeddingTile>();

  constructor(
    readonly model: PromptModel,
    readonly size: Size,
  ) {}

  has(at: TileAt): boolean {
    return this.#tiles.has(keyOf(at));
  }

  put(at: TileAt, bytes: Uint8Array): void {
    const { stride_px, features } = this.model;
    const area = tileArea(this.model, this.size, at);
    const [top, left] = [area.y0 / stride_px, area.x0 / stride_px];
    const [height, width] = [Math.ceil(area.y1 / stride_px) - top, Math.ceil(area.x1 / stride_px) - left];
    if (bytes.length !== features * height * width) throw new Error("A part of the embedding has the wrong size; reload the page.");
    this.#tiles.set(keyOf(at), { top, left, height, width, bytes });
  }

  get bytes(): number {
    let sum = 0;
    for (const tile of this.#tiles.values()) sum += tile.bytes.length;
    return sum;
  }

  drop(keep: (at: TileAt) => boolean): void {
    for (const key of this.#tiles.keys()) if (!keep({ ty: Math.floor(key / 65536), tx: key % 65536 })) this.#tiles.delete(key);
  }

  tilesOf(reach: Reach): TileAt[] {
    const cells = this.model.tile_px / this.model.stride_px;
    const tiles: TileAt[] = [];
    for (let ty = Math.floor(reach.y0 / cells); ty * cells < reach.y1; ty++) {
      for (let tx = Math.floor(reach.x0 / cells); tx * cells < reach.x1; tx++) tiles.push({ ty, tx });
    }
    return tiles;
  }

  /** Every tile that the reach touches with the part of it, in fine cells of the frame; all must be here. */
  eachTile(reach: Reach, see: (tile: EmbeddingTile, y0: number, y1: number, x0: number, x1: number) => void): void {
    for (const at of this.tilesOf(reach)) {
      const tile = this.#tiles.get(keyOf(at));
      if (!tile) throw new Error("A part of the embedding is not here.");
      const [y0, y1] = [Math.max(reach.y0, tile.top), Math.min(reach.y1, tile.top + tile.height)];
      const [x0, x1] = [Math.max(reach.x0, tile.left), Math.min(reach.x1, tile.left + tile.width)];
      if (y0 < y1 && x0 < x1) see(tile, y0, y1, x0, x1);
    }
  }
}
