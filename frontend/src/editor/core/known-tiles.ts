/** Which tiles of a large frame are here, and where cells lie beyond them. */
import { TILE_PX, tileColumn, tileKey, tileRow } from "./geometry";
import type { TileKey } from "./geometry";
import type { Runs } from "./runs";

export class KnownTiles {
  readonly #here = new Set<TileKey>();
  /** Tiles, of those that are not here, in which a cell is said to have pixels. */
  readonly #away = new Map<number, Set<TileKey>>();

  get count(): number {
    return this.#here.size;
  }

  has(key: TileKey): boolean {
    return this.#here.has(key);
  }

  keys(): IterableIterator<TileKey> {
    return this.#here.values();
  }

  /** Answers whether it was not yet here. */
  add(key: TileKey): boolean {
    if (this.#here.has(key)) return false;
    this.#here.add(key);
    return true;
  }

  remove(key: TileKey): boolean {
    return this.#here.delete(key);
  }

  /** The server says that a cell lies in these tiles. */
  say(cell: number, keys: readonly TileKey[]): void {
    const away = keys.filter((key) => !this.#here.has(key));
    if (away.length === 0) return;
    const known = this.#away.get(cell) ?? new Set();
    for (const key of away) known.add(key);
    this.#away.set(cell, known);
  }

  /** Tiles with pixels of the cell that are not here. */
  awayOf(cell: number): TileKey[] {
    const away = [...(this.#away.get(cell) ?? [])].filter((key) => !this.#here.has(key));
    if (away.length === 0) this.#away.delete(cell);
    return away;
  }

  /** What is not here of these cells goes under other names, all at once. */
  rename(names: ReadonlyMap<number, number>): void {
    const away = [...names].map(([cell, to]) => ({ to, keys: this.awayOf(cell) }));
    for (const cell of names.keys()) this.forgetCell(cell);
    for (const { to, keys } of away) this.say(to, keys);
  }

  forgetCell(cell: number): void {
    this.#away.delete(cell);
  }

  /** The part of runs that lies in tiles that are here. */
  cut(runs: Runs): number[] {
    const cut: number[] = [];
    eachTileSpan(runs, (key, y, x, n) => {
      if (this.#here.has(key)) cut.push(y, x, n);
    });
    return cut;
  }
}

/** Runs, cut where they pass from one tile into the next. */
export function eachTileSpan(runs: Runs, visit: (key: TileKey, y: number, x: number, n: number) => void): void {
  for (let i = 0; i < runs.length; i += 3) {
    const [y, end] = [runs[i], runs[i + 1] + runs[i + 2]];
    for (let x = runs[i + 1]; x < end; ) {
      const stop = Math.min(end, (Math.floor(x / TILE_PX) + 1) * TILE_PX);
      visit(tileKey(Math.floor(y / TILE_PX), Math.floor(x / TILE_PX)), y, x, stop - x);
      x = stop;
    }
  }
}

export function tilesOfRuns(runs: Runs): TileKey[] {
  const keys = new Set<TileKey>();
  eachTileSpan(runs, (key) => keys.add(key));
  return [...keys];
}

export const placeOfTile = (key: TileKey): readonly [number, number] => [tileRow(key), tileColumn(key)];
