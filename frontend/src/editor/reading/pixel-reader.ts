/** Asks the host for pixel tiles: what is looked at first, what is no longer looked at not at all. */
import type { LabelDocument, PixelArray, PixelRequest } from "../host";
import { pixelKey } from "../view/scene";
import type { PixelTile } from "../view/scene";
import { TileStore } from "./tile-store";

/** More requests at once only queue in the browser, where they can no longer be put in order. */
const AT_ONCE = 8;
/** A tile that failed is asked for again after this time, ms. */
const RETRY_MS = 4000;

export interface PixelReaderOptions {
  readonly document: LabelDocument;
  readonly most_bytes: number;
  readonly onTile: (request: PixelRequest, tile: PixelTile) => void;
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}

export class PixelReader {
  readonly #store: TileStore;
  readonly #flying = new Map<string, AbortController>();
  readonly #failed = new Map<string, number>();
  #wanted: readonly PixelRequest[] = [];
  /** How many of the wanted, from the first, the present view cannot do without. */
  #needed = 0;

  constructor(private readonly options: PixelReaderOptions) {
    this.#store = new TileStore(options.most_bytes);
  }

  tile(request: PixelRequest): PixelTile | undefined {
    return this.#store.get(pixelKey(request));
  }

  /** In order of need: first `needed` tiles of the present view, then those to have ready. Cancels all others. */
  want(requests: readonly PixelRequest[], needed: number): void {
    this.#wanted = requests;
    this.#needed = needed;
    const keys = new Set(requests.map(pixelKey));
    for (const [key, flight] of this.#flying) if (!keys.has(key)) this.#cancel(key, flight);
    this.#askMore();
  }

  #cancel(key: string, flight: AbortController): void {
    flight.abort();
    this.#flying.delete(key);
  }

  #askMore(): void {
    for (const request of this.#wanted) {
      if (this.#flying.size >= AT_ONCE) return;
      const key = pixelKey(request);
      const resting = (this.#failed.get(key) ?? -Infinity) + RETRY_MS > this.options.now();
      if (!resting && !this.#store.has(key) && !this.#flying.has(key)) void this.#ask(key, request);
    }
  }

  async #ask(key: string, request: PixelRequest): Promise<void> {
    const flight = new AbortController();
    this.#flying.set(key, flight);
    try {
      const data = await this.options.document.pixels.readTile(request, flight.signal);
      if (!flight.signal.aborted) this.#arrive(key, request, data);
    } catch (error) {
      if (!flight.signal.aborted) this.#fail(key, error);
    }
    if (this.#flying.get(key) === flight) this.#flying.delete(key);
    if (!flight.signal.aborted) this.#askMore();
  }

  /** One tile, whatever is looked at. */
  async read(request: PixelRequest, signal: AbortSignal): Promise<PixelTile> {
    const here = this.tile(request);
    if (here) return here;
    const tile = shapeOf(this.options.document, request, await this.options.document.pixels.readTile(request, signal));
    this.#store.put(pixelKey(request), tile);
    return tile;
  }

  #arrive(key: string, request: PixelRequest, data: PixelArray): void {
    const tile = shapeOf(this.options.document, request, data);
    this.#store.put(key, tile);
    this.#failed.delete(key);
    this.options.onTile(request, tile);
  }

  #fail(key: string, error: unknown): void {
    const known = this.#failed.has(key);
    this.#failed.set(key, this.options.now());
    if (!known) this.options.onError(error);
  }

  /** Tiles of the present view that are not here. Failed ones are not waited for. */
  missing(): { missing: number; of: number } {
    const needed = this.#wanted.slice(0, this.#needed).map(pixelKey);
    const missing = needed.filter((key) => !this.#store.has(key) && !this.#failed.has(key)).length;
    return { missing, of: needed.length };
  }

  destroy(): void {
    this.#wanted = [];
    for (const [key, flight] of this.#flying) this.#cancel(key, flight);
  }
}

/** An edge tile may come whole or cut to the image. */
function shapeOf({ pyramid, pixelTilePx }: LabelDocument, { level, ty, tx }: PixelRequest, data: PixelArray): PixelTile {
  const { height_px, width_px } = pyramid[level];
  const height = Math.min(pixelTilePx, height_px - ty * pixelTilePx);
  const width = Math.min(pixelTilePx, width_px - tx * pixelTilePx);
  if (data.length === height * width) return { data, height, width };
  if (data.length === pixelTilePx * pixelTilePx) return { data, height: pixelTilePx, width: pixelTilePx };
  throw new Error(`Tile ${ty}, ${tx} of level ${level} has ${data.length} pixels; ${height} × ${width} were expected.`);
}
