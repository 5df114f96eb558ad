/** Labels of one (t, z): tiles, and in which tiles each cell lies. */
import type { Frame, TileContent } from "./frame";
import { TILE_PX, tileColumn, tileKey, tileKeysIn, tileRow, tilesUnder } from "./geometry";
import type { Bounds, Rect, TileKey, TileRange } from "./geometry";
import { LabelTile, addStat, emptyStat } from "./label-tile";
import type { KnownTiles } from "./known-tiles";
import { Refused } from "./refused";
import { ROW, normalise, runsOfLine } from "./runs";
import type { Line } from "./runs";

/** One cell in one (t, z). */
export interface CellMeasure {
  readonly cell: number;
  readonly area_px: number;
  readonly bounds: Bounds;
  readonly centroid_y: number;
  readonly centroid_x: number;
}

export class FrameLabels {
  /** Newest server revision known here. */
  head = 0;
  /** Own edits have been laid here since it was read, so it cannot simply be forgotten. */
  touched = false;
  readonly #tiles = new Map<TileKey, LabelTile>();
  /** Most cells lie in one tile: a bare key then spares a million small arrays. */
  readonly #places = new Map<number, TileKey | TileKey[]>();

  constructor(
    readonly t: number,
    readonly z: number,
    readonly height: number,
    readonly width: number,
    /** What is here of a frame that is read by regions; null: all of it. */
    readonly known: KnownTiles | null = null,
  ) {}

  static of(frame: Frame, at: { t: number; z: number; height: number; width: number }): FrameLabels {
    const labels = new FrameLabels(at.t, at.z, at.height, at.width);
    labels.head = frame.head;
    for (const tile of frame.tiles) labels.replaceTile(tileKey(tile.ty, tile.tx), tile.content, tile.revision);
    return labels;
  }

  // ------------------------------------------------------------ what is here

  get isWhole(): boolean {
    return this.known === null;
  }

  knows(key: TileKey): boolean {
    return this.known === null || this.known.has(key);
  }

  /** All labels within a rectangle of the image are here. */
  covers(rect: Rect): boolean {
    if (this.known === null) return true;
    const cut = { x0: Math.max(0, rect.x0), y0: Math.max(0, rect.y0), x1: Math.min(this.width, rect.x1), y1: Math.min(this.height, rect.y1) };
    return tileKeysIn(tilesUnder(cut)).every((key) => this.knows(key));
  }

  /** Every pixel of the cell is here. */
  coversCell(cell: number): boolean {
    return this.known === null || this.known.awayOf(cell).length === 0;
  }

  /** Lays tiles of a range that were read; those that are here already stay as they are, for they may have been drawn on. */
  layTiles(range: TileRange, frame: Frame): void {
    const fresh = new Map(frame.tiles.map((tile) => [tileKey(tile.ty, tile.tx), tile]));
    for (const key of tileKeysIn(range)) {
      if (!this.known?.add(key)) continue;
      const tile = fresh.get(key);
      if (tile) this.replaceTile(key, tile.content, tile.revision);
    }
    this.head = Math.max(this.head, frame.head);
  }

  /** Gives a tile's memory back; answers the cells that are nowhere here now. One that was drawn on stays. */
  forgetTile(key: TileKey): number[] {
    const tile = this.#tiles.get(key);
    if (tile?.isEdited || !this.known?.remove(key)) return [];
    if (!tile) return [];
    for (const cell of tile.content.ids) {
      this.#leave(cell, key);
      this.known.say(cell, [key]);
    }
    this.#tiles.delete(key);
    return [...tile.content.ids].filter((cell) => !this.has(cell));
  }

  // ------------------------------------------------------------ tiles

  tile(key: TileKey): LabelTile | undefined {
    return this.#tiles.get(key);
  }

  /** Refuses where labels have not been read: nothing may be drawn on labels unseen. */
  tileToWrite(key: TileKey): LabelTile {
    const here = this.#tiles.get(key);
    if (here) return here;
    if (!this.knows(key)) throw new Refused("The labels here are not read yet: zoom in or wait a moment, then go on.");
    const tile = new LabelTile(tileRow(key), tileColumn(key));
    this.#tiles.set(key, tile);
    return tile;
  }

  tiles(): IterableIterator<[TileKey, LabelTile]> {
    return this.#tiles.entries();
  }

  /** Nothing happens where labels are not here: they will come as they are then. */
  replaceTile(key: TileKey, content: TileContent, revision: number): void {
    if (!this.knows(key)) return;
    const tile = this.tileToWrite(key);
    this.reindex(key, tile.content, content);
    tile.replace(content);
    tile.revision = revision;
  }

  /** Keeps the list of places in step with a tile's content. */
  reindex(key: TileKey, before: TileContent, after: TileContent): void {
    const now = new Set(after.ids);
    for (const cell of before.ids) if (!now.delete(cell)) this.#leave(cell, key);
    for (const cell of now) this.#enter(cell, key);
  }

  #enter(cell: number, key: TileKey): void {
    const at = this.#places.get(cell);
    if (at === undefined) this.#places.set(cell, key);
    else this.#places.set(cell, [...(typeof at === "number" ? [at] : at), key]);
  }

  #leave(cell: number, key: TileKey): void {
    const rest = this.tilesOf(cell).filter((other) => other !== key);
    if (rest.length === 0) this.#places.delete(cell);
    else this.#places.set(cell, rest.length === 1 ? rest[0] : rest);
  }

  tilesOf(cell: number): readonly TileKey[] {
    const at = this.#places.get(cell);
    return at === undefined ? [] : typeof at === "number" ? [at] : at;
  }

  has(cell: number): boolean {
    return this.#places.has(cell);
  }

  /** Cells with pixels here, in no order. */
  cellsHere(): IterableIterator<number> {
    return this.#places.keys();
  }

  /** Ascending. */
  cellIds(): number[] {
    return [...this.#places.keys()].sort((a, b) => a - b);
  }

  /** Every cell that holds this pixel, ascending; [] outside the image. */
  cellsAt(x: number, y: number): number[] {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return [];
    const tile = this.#tiles.get(tileKey(Math.floor(y / TILE_PX), Math.floor(x / TILE_PX)));
    if (!tile) return [];
    const i = (y % TILE_PX) * TILE_PX + (x % TILE_PX);
    // A pointer that passes over a slide must not unpack it.
    if (!tile.isUnpacked) return cellsAtPixel(tile.content, i);
    return tile.planes().flatMap((plane) => (plane[i] === 0 ? [] : [plane[i]]));
  }

  /** Whether a cell that passes the question holds this pixel, as it is now; without making a list. */
  someCellAt(x: number, y: number, question: (cell: number) => boolean): boolean {
    const planes = this.#tiles.get(tileKey(Math.floor(y / TILE_PX), Math.floor(x / TILE_PX)))?.planes();
    if (!planes) return false;
    const i = (y % TILE_PX) * TILE_PX + (x % TILE_PX);
    for (const plane of planes) {
      if (plane[i] === 0) return false;
      if (question(plane[i])) return true;
    }
    return false;
  }

  /** Pixels of a cell on the number line of `runs`; of the sealed contents. */
  lineOf(cell: number): number[] {
    const line: number[] = [];
    for (const key of this.tilesOf(cell)) {
      const tile = this.#tiles.get(key);
      if (tile) imageLine(cellLine(tile.content, cell), tile.ty, tile.tx, line);
    }
    return normalise(line);
  }

  runsOf(cell: number): number[] {
    return runsOfLine(this.lineOf(cell));
  }

  /** As it would be read; contents are shared, for they are never changed in place. */
  asFrame(): Frame {
    const tiles = [...this.#tiles.values()].map(({ ty, tx, revision, content }) => ({ ty, tx, revision, content }));
    return { head: this.head, tiles };
  }

  measure(cell: number): CellMeasure | null {
    const sum = emptyStat();
    for (const key of this.tilesOf(cell)) {
      const stat = this.#tiles.get(key)?.stats().get(cell);
      if (stat) addStat(sum, stat);
    }
    return sum.area_px === 0 ? null : measureOf(cell, sum);
  }

  measures(): CellMeasure[] {
    return this.cellIds().flatMap((cell) => this.measure(cell) ?? []);
  }
}

function cellsAtPixel({ ids, counts, starts, lengthsMinus1 }: TileContent, pixel: number): number[] {
  const cells: number[] = [];
  for (let i = 0, run = 0; i < ids.length; i++) {
    for (const last = run + counts[i]; run < last; run++) {
      if (starts[run] <= pixel && pixel <= starts[run] + lengthsMinus1[run]) cells.push(ids[i]);
    }
  }
  return cells;
}

const measureOf = (cell: number, sum: ReturnType<typeof emptyStat>): CellMeasure => ({
  cell,
  area_px: sum.area_px,
  bounds: { y_min: sum.y_min, x_min: sum.x_min, y_max: sum.y_max, x_max: sum.x_max },
  centroid_y: sum.sum_y / sum.area_px,
  centroid_x: sum.sum_x / sum.area_px,
});

function cellLine({ ids, counts, starts, lengthsMinus1 }: TileContent, cell: number): number[] {
  const line: number[] = [];
  let run = 0;
  for (let i = 0; i < ids.length && ids[i] < cell; i++) run += counts[i];
  const i = ids.indexOf(cell);
  for (const last = run + (counts[i] ?? 0); run < last; run++) line.push(starts[run], starts[run] + lengthsMinus1[run] + 1);
  return line;
}

/** Flat intervals of a tile, cut at its rows, on the number line of the image; appended to `into`. */
export function imageLine(line: Line, ty: number, tx: number, into: number[]): number[] {
  for (let i = 0; i < line.length; i += 2) {
    for (let at = line[i]; at < line[i + 1]; ) {
      const row = Math.floor(at / TILE_PX);
      const stop = Math.min(line[i + 1], (row + 1) * TILE_PX);
      const start = (ty * TILE_PX + row) * ROW + tx * TILE_PX + (at % TILE_PX);
      into.push(start, start + stop - at);
      at = stop;
    }
  }
  return into;
}
