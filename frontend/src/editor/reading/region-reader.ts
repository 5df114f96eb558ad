/** Reads the labels in view and forgets those far away: for images whose labels are too many to be here at once. */
import type { FrameLabels } from "../core/frame-labels";
import { rectOfTiles, tileColumn, tileKeysIn, tileRow } from "../core/geometry";
import type { Rect, TileKey, TileRange } from "../core/geometry";
import { tilesOfRuns } from "../core/known-tiles";
import type { LabelSession } from "../core/label-session";
import type { LabelStore } from "../core/label-store";
import { Refused } from "../core/refused";
import type { LabelDocument, PlacedCell, RegionProvider } from "../host";
import type { FramePlace } from "./frame-reader";
import { MOST_CELLS, MOST_TILES, countOf, planBlocks, tilesWithin, widened } from "./region-plan";
import { StubLayer } from "./stub-layer";

/** Requests at once; more only queue in the browser. */
const AT_ONCE = 4;
/** Tiles that stay in the tab; beyond, the farthest that nobody has drawn on are forgotten. */
const MOST_KEPT = 6_000;
const KEPT = 4_500;
const MOST_NAMED = 1_000;
/** A view on the move asks for points when it has rested so long, ms. */
const STUBS_AFTER_MS = 60;

export interface RegionReaderOptions {
  readonly document: LabelDocument;
  readonly regions: RegionProvider;
  readonly store: LabelStore;
  readonly session: LabelSession;
  /** Cells whose facts were changed here: what is read later does not count. */
  readonly isOwn: (cell: number) => boolean;
  /** Labels of a rectangle of the image have come, or points instead of them. */
  readonly onRegion: (t: number, z: number, rect: Rect) => void;
  readonly onError: (error: unknown) => void;
}

interface View extends FramePlace {
  readonly tiles: TileRange;
}

export class RegionReader {
  /** Points instead of labels, when too many are in view. */
  stubs: StubLayer | null = null;
  readonly #across: TileRange;
  readonly #flying = new Map<string, Promise<void>>();
  readonly #flight = new AbortController();
  #wanted: { block: TileRange; needed: boolean }[] = [];
  #view: View | null = null;
  #cells: number | null = null;
  #showsStubs = false;
  #stubsDue = 0;
  #stubsFlight: AbortController | null = null;

  constructor(private readonly options: RegionReaderOptions) {
    const { y, x } = options.document.size;
    this.#across = tilesWithin({ x0: 0, y0: 0, x1: x, y1: y }, y, x);
    void options.regions.countCells?.(this.#flight.signal).then((cells) => this.#counted(cells)).catch(() => undefined);
  }

  /** The view cannot know how many cells it has until the image has been asked. */
  #counted(cells: number): void {
    this.#cells = cells;
    if (this.#view) this.want(this.#view, rectOfTiles(this.#view.tiles));
  }

  // ------------------------------------------------------------ what is in view

  want({ t, z }: FramePlace, rect: Rect): void {
    const { y, x } = this.options.document.size;
    const tiles = tilesWithin(rect, y, x);
    this.#frame(t, z);
    this.#view = { t, z, tiles };
    this.#showsStubs = this.#isTooMuch(tiles);
    if (this.#showsStubs) {
      this.#wanted = [];
      this.#wantStubs();
      return;
    }
    this.#dropStubs();
    const { needed, next } = planBlocks(tiles, this.#across);
    this.#wanted = [...needed.map((block) => ({ block, needed: true })), ...next.map((block) => ({ block, needed: false }))];
    this.#readMore();
  }

  #isTooMuch(tiles: TileRange): boolean {
    if (!this.options.regions.readStubs) return false;
    const count = countOf(tiles);
    return count > MOST_TILES || ((this.#cells ?? 0) * count) / countOf(this.#across) > MOST_CELLS;
  }

  #frame(t: number, z: number): FrameLabels {
    const { store } = this.options;
    return store.frame(t, z) ?? store.openPartly(t, z);
  }

  get missing(): number {
    if (!this.#view) return 1;
    if (this.#showsStubs) return Number(this.stubs === null);
    return this.#wanted.filter(({ block, needed }) => needed && !this.#isHere(this.#view, block)).length;
  }

  #isHere(at: FramePlace | null, block: TileRange): boolean {
    const frame = at && this.options.store.frame(at.t, at.z);
    return frame != null && tileKeysIn(block).every((key) => frame.knows(key));
  }

  // ------------------------------------------------------------ blocks

  #readMore(): void {
    const view = this.#view;
    if (!view) return;
    for (const { block } of this.#wanted) {
      if (this.#flying.size >= AT_ONCE) return;
      if (!this.#isHere(view, block)) void this.#read(view, block);
    }
  }

  #read({ t, z }: FramePlace, block: TileRange): Promise<void> {
    const key = `${t} ${z} ${block.ty0} ${block.tx0} ${block.ty1} ${block.tx1}`;
    const under = this.#flying.get(key);
    if (under) return under;
    const done = this.#ask({ t, z }, block)
      .catch((error: unknown) => {
        if (!this.#flight.signal.aborted) this.options.onError(error);
      })
      .finally(() => {
        this.#flying.delete(key);
        if (!this.#flight.signal.aborted) this.#readMore();
      });
    this.#flying.set(key, done);
    return done;
  }

  async #ask({ t, z }: FramePlace, tiles: TileRange): Promise<void> {
    const { document, regions, session } = this.options;
    const { signal } = this.#flight;
    const [frame, cells] = await Promise.all([document.labels.readFrame({ t, z, tiles }, signal), regions.readCells({ t, z, tiles }, signal)]);
    if (signal.aborted) return;
    this.#learn(t, z, cells);
    session.openTiles(t, z, tiles, frame);
    this.#forgetFar(t, z);
    this.options.onRegion(t, z, rectOfTiles(tiles));
  }

  #learn(t: number, z: number, cells: readonly PlacedCell[]): void {
    const { store, isOwn } = this.options;
    const frame = this.#frame(t, z);
    store.facts.load(cells.filter(({ cell }) => !isOwn(cell)));
    for (const { cell, tiles } of cells) frame.known?.say(cell, tiles);
  }

  #forgetFar(t: number, z: number): void {
    const { store, isOwn } = this.options;
    const frame = store.frame(t, z);
    const view = this.#view;
    if (!frame?.known || !view || frame.known.count <= MOST_KEPT) return;
    const [my, mx] = [(view.tiles.ty0 + view.tiles.ty1) / 2, (view.tiles.tx0 + view.tiles.tx1) / 2];
    const away = (key: TileKey): number => Math.max(Math.abs(tileRow(key) - my), Math.abs(tileColumn(key) - mx));
    const far = [...frame.known.keys()].sort((a, b) => away(b) - away(a)).slice(0, frame.known.count - KEPT);
    for (const cell of far.flatMap((key) => frame.forgetTile(key))) {
      if (isOwn(cell)) continue;
      store.facts.forget(cell);
      frame.known.forgetCell(cell);
    }
  }

  // ------------------------------------------------------------ points

  #wantStubs(): void {
    const view = this.#view;
    if (!view || (this.stubs && this.#suffices(this.stubs, view))) return;
    clearTimeout(this.#stubsDue);
    this.#stubsDue = window.setTimeout(() => void this.#readStubs(view), STUBS_AFTER_MS);
  }

  /** The view lies within what was read, and a smaller range would not show many more. */
  #suffices(layer: StubLayer, { tiles }: View): boolean {
    const { x0, y0, x1, y1 } = layer.rect;
    const view = rectOfTiles(tiles);
    const within = view.x0 >= x0 && view.y0 >= y0 && view.x1 <= x1 && view.y1 <= y1;
    return within && (!layer.isThinned || countOf(tiles) * 6 > layer.stubs.tilesInRange);
  }

  async #readStubs({ t, z, tiles }: View): Promise<void> {
    this.#stubsFlight?.abort();
    const flight = (this.#stubsFlight = new AbortController());
    const range = widened(tiles, this.#across);
    try {
      const stubs = await this.options.regions.readStubs?.({ t, z, tiles: range }, MOST_CELLS, flight.signal);
      if (!stubs || flight.signal.aborted || !this.#showsStubs) return;
      this.stubs = new StubLayer(stubs, rectOfTiles(range));
      this.options.onRegion(t, z, this.stubs.rect);
    } catch (error) {
      if (!flight.signal.aborted) this.options.onError(error);
    }
  }

  #dropStubs(): void {
    clearTimeout(this.#stubsDue);
    this.#stubsFlight?.abort();
    const gone = this.stubs;
    this.stubs = null;
    if (gone && this.#view) this.options.onRegion(this.#view.t, this.#view.z, gone.rect);
  }

  // ------------------------------------------------------------ commands

  /** Everything that is named is here: every tile of the cells, every tile under the pixels. */
  covers(place: FramePlace): boolean {
    const frame = this.options.store.frame(place.t, place.z);
    if (!frame) return false;
    const unseen = cellsOf(place).some((cell) => !this.options.store.facts.has(cell) || !frame.coversCell(cell));
    return !unseen && tilesOfPlace(place).every((key) => frame.knows(key));
  }

  /** Reads what is not here of the named cells and pixels. */
  async ensure(places: readonly FramePlace[]): Promise<void> {
    for (const place of places) {
      const frame = this.#frame(place.t, place.z);
      await this.#lookUp(frame, cellsOf(place));
      const tiles = [...cellsOf(place).flatMap((cell) => frame.known?.awayOf(cell) ?? []), ...tilesOfPlace(place)];
      const blocks = blocksOf(tiles.filter((key) => !frame.knows(key)), this.#across);
      await Promise.all(blocks.map((block) => this.#read(place, block)));
      if (!tiles.every((key) => frame.knows(key))) throw new Refused("Labels of these cells could not be read; try again.");
    }
  }

  async #lookUp({ t, z, known }: FrameLabels, cells: readonly number[]): Promise<void> {
    const { store, regions } = this.options;
    const unseen = known ? cells.filter((cell) => !store.facts.has(cell)) : [];
    for (let i = 0; i < unseen.length; i += MOST_NAMED) {
      this.#learn(t, z, await regions.lookUp(unseen.slice(i, i + MOST_NAMED), { t, z }, this.#flight.signal));
    }
  }

  destroy(): void {
    clearTimeout(this.#stubsDue);
    this.#stubsFlight?.abort();
    this.#flight.abort();
  }
}

const cellsOf = ({ cell, cells }: FramePlace): readonly number[] => (cell == null ? (cells ?? []) : [...(cells ?? []), cell]);

const tilesOfPlace = ({ runs, add, remove, takes }: FramePlace): TileKey[] =>
  [runs, add, remove, ...(takes?.values() ?? [])].flatMap((some) => (some ? tilesOfRuns(some) : []));

/** Blocks of 8 × 8 tiles that hold these. */
function blocksOf(keys: readonly TileKey[], across: TileRange): TileRange[] {
  const blocks = new Map<string, TileRange>();
  for (const key of keys) {
    const [ty0, tx0] = [Math.floor(tileRow(key) / 8) * 8, Math.floor(tileColumn(key) / 8) * 8];
    blocks.set(`${ty0} ${tx0}`, { ty0, tx0, ty1: Math.min(ty0 + 8, across.ty1), tx1: Math.min(tx0 + 8, across.tx1) });
  }
  return [...blocks.values()];
}
