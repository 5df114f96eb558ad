/** One tile of labels: runs always, planes of ids while somebody looks or draws. */
import type { TileContent } from "./frame";
import { TILE_PX } from "./geometry";
import { EMPTY_CONTENT, contentOfPlanes, eachRun, planesOfContent } from "./tile-content";
import type { Planes } from "./tile-content";

/** Of one cell in one tile, in image pixels; bounds have both ends inside. */
export interface CellStat {
  area_px: number;
  sum_y: number;
  sum_x: number;
  y_min: number;
  x_min: number;
  y_max: number;
  x_max: number;
}

export class LabelTile {
  /** Server revision that this content comes from; 0 for a tile the server has not. */
  revision = 0;
  /** Somebody here has drawn on it: it cannot simply be read again. */
  isEdited = false;
  #content: TileContent = EMPTY_CONTENT;
  #planes: Planes | null = null;
  #written = false;
  #stats: Map<number, CellStat> | null = null;

  constructor(
    readonly ty: number,
    readonly tx: number,
  ) {}

  /** Runs as they were when last sealed: during a transaction, what was there before it. */
  get content(): TileContent {
    return this.#content;
  }

  get isUnpacked(): boolean {
    return this.#planes !== null;
  }

  replace(content: TileContent): void {
    this.#content = content;
    this.#planes = null;
    this.#stats = null;
    this.#written = false;
  }

  /** For reading. */
  planes(): Planes {
    this.#planes ??= planesOfContent(this.#content);
    return this.#planes;
  }

  /** For writing; the content is stale until `seal`. */
  planesToWrite(): Planes {
    this.#written = true;
    return this.planes();
  }

  /** Takes what was written into the content. */
  seal(): TileContent {
    if (this.#written) this.#content = contentOfPlanes(this.planes());
    this.isEdited ||= this.#written;
    this.#stats = this.#written ? null : this.#stats;
    this.#written = false;
    return this.#content;
  }

  /** Gives the planes' memory back where nothing would be lost. */
  rest(): void {
    if (!this.#written) this.#planes = null;
  }

  /** Per cell, of the sealed content. */
  stats(): ReadonlyMap<number, CellStat> {
    this.#stats ??= measureContent(this.#content, this.ty * TILE_PX, this.tx * TILE_PX);
    return this.#stats;
  }
}

function measureContent(content: TileContent, top: number, left: number): Map<number, CellStat> {
  const stats = new Map<number, CellStat>();
  eachRun(content, (cell, start, end) => {
    const stat = stats.get(cell) ?? emptyStat();
    stats.set(cell, stat);
    for (let at = start; at < end; ) {
      const stop = Math.min(end, (Math.floor(at / TILE_PX) + 1) * TILE_PX);
      addSpan(stat, top + Math.floor(at / TILE_PX), left + (at % TILE_PX), stop - at);
      at = stop;
    }
  });
  return stats;
}

export const emptyStat = (): CellStat => ({
  area_px: 0, sum_y: 0, sum_x: 0, y_min: Infinity, x_min: Infinity, y_max: -1, x_max: -1,
});

function addSpan(stat: CellStat, y: number, x: number, n: number): void {
  stat.area_px += n;
  stat.sum_y += n * y;
  stat.sum_x += (n * (2 * x + n - 1)) / 2;
  stat.y_min = Math.min(stat.y_min, y);
  stat.y_max = Math.max(stat.y_max, y);
  stat.x_min = Math.min(stat.x_min, x);
  stat.x_max = Math.max(stat.x_max, x + n - 1);
}

export function addStat(to: CellStat, from: CellStat): void {
  to.area_px += from.area_px;
  to.sum_y += from.sum_y;
  to.sum_x += from.sum_x;
  to.y_min = Math.min(to.y_min, from.y_min);
  to.x_min = Math.min(to.x_min, from.x_min);
  to.y_max = Math.max(to.y_max, from.y_max);
  to.x_max = Math.max(to.x_max, from.x_max);
}
