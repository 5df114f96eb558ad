/** Grey values of one document: what the view needs, what lies under the pointer. */
import type { Crop, Outlook } from "../commands/desk";
import { intersectionOf, isEmptyRect } from "../core/geometry";
import type { Rect } from "../core/geometry";
import type { LabelDocument, PixelArray, PixelRequest } from "../host";
import { viewRect } from "../view/camera";
import type { CanvasSize } from "../view/camera";
import type { PixelTile } from "../view/scene";
import { PixelReader } from "./pixel-reader";
import { planTiles } from "./tile-plan";

type Here = Pick<Outlook, "t" | "z">;

const BYTES: Readonly<Record<LabelDocument["pixelType"], number>> = { uint8: 1, uint16: 2, float32: 4 };

export class DocumentPixels {
  readonly #reader: PixelReader;
  #hovered: readonly PixelRequest[] = [];

  /** Tiles that may be asked for at once: less than the memory holds. */
  readonly #most_tiles: number;

  constructor(
    private readonly document: LabelDocument,
    most_bytes: number,
    onTile: (request: PixelRequest, tile: PixelTile) => void,
    onError: (error: unknown) => void,
  ) {
    this.#most_tiles = Math.floor((0.7 * most_bytes) / (document.pixelTilePx ** 2 * BYTES[document.pixelType]));
    this.#reader = new PixelReader({ document, most_bytes, onTile, onError, now: () => performance.now() });
  }

  /** Asks for the tiles of the present view, then for those of the next frames. */
  read({ camera, channels, t, z }: Outlook, size: CanvasSize, direction: { readonly t: number; readonly z: number }): void {
    if (size.width === 0) return;
    const shown = channels.flatMap((look, c) => (look.visible ? [c] : []));
    const imagePerDevicePx = 1 / (camera.zoom * size.density);
    const plan = planTiles(this.document, { t, z, rect: viewRect(camera, size), imagePerDevicePx, channels: shown, direction }, this.#most_tiles);
    const hovered = this.#hovered.filter((r) => r.t === t && r.z === z);
    const [needed, next] = [plan.requests.slice(0, plan.needed), plan.requests.slice(plan.needed)];
    this.#reader.want([...needed, ...hovered, ...next], plan.needed);
  }

  tile(request: PixelRequest): PixelTile | undefined {
    return this.#reader.tile(request);
  }

  missing(): { missing: number; of: number } {
    return this.#reader.missing();
  }

  /** Tiles of a channel at the coarsest level that is here. */
  loaded(channel: number, { t, z }: Here): PixelArray[] {
    const { pyramid, pixelTilePx } = this.document;
    for (let level = pyramid.length - 1; level >= 0; level--) {
      const found: PixelArray[] = [];
      for (let ty = 0; ty * pixelTilePx < pyramid[level].height_px; ty++) {
        for (let tx = 0; tx * pixelTilePx < pyramid[level].width_px; tx++) {
          const tile = this.#reader.tile({ level, t, c: channel, z, ty, tx });
          if (tile) found.push(tile.data);
        }
      }
      if (found.length > 0) return found;
    }
    return [];
  }

  /** Value of every channel; null where the full-resolution tile is not here. */
  valuesAt(x: number, y: number, here: Here): (number | null)[] {
    const edge = this.document.pixelTilePx;
    return this.document.channels.map((_, c) => {
      const tile = this.#reader.tile(this.#finest(c, x, y, here));
      return tile ? tile.data[(y % edge) * tile.width + (x % edge)] : null;
    });
  }

  /** The full-resolution tiles of one pixel are read from the next `read` on. */
  wantAt(x: number, y: number, here: Here): void {
    this.#hovered = this.document.channels.map((_, c) => this.#finest(c, x, y, here));
  }

  #finest(c: number, x: number, y: number, { t, z }: Here): PixelRequest {
    const edge = this.document.pixelTilePx;
    return { level: 0, t, z, c, ty: Math.floor(y / edge), tx: Math.floor(x / edge) };
  }

  /** A rectangle at full resolution: tiles that are here, and the others read for it alone. */
  async readCrop(rect: Rect, channels: readonly number[], here: Here, signal: AbortSignal): Promise<Crop> {
    const { size } = this.document;
    const cut = wholeRect(intersectionOf(rect, { x0: 0, y0: 0, x1: size.x, y1: size.y }));
    if (isEmptyRect(cut)) throw new Error("There is no pixel of the image here.");
    return { rect: cut, channels: await Promise.all(channels.map((c) => this.#readChannel(c, cut, here, signal))) };
  }

  async #readChannel(c: number, rect: Rect, { t, z }: Here, signal: AbortSignal): Promise<Float32Array> {
    const edge = this.document.pixelTilePx;
    const into = new Float32Array((rect.y1 - rect.y0) * (rect.x1 - rect.x0));
    const jobs: Promise<void>[] = [];
    for (let ty = Math.floor(rect.y0 / edge); ty * edge < rect.y1; ty++) {
      for (let tx = Math.floor(rect.x0 / edge); tx * edge < rect.x1; tx++) {
        const copy = async (): Promise<void> => {
          const tile = await this.#reader.read({ level: 0, t, c, z, ty, tx }, signal);
          copyTile(tile, { x0: tx * edge, y0: ty * edge, x1: tx * edge + tile.width, y1: ty * edge + tile.height }, into, rect);
        };
        jobs.push(copy());
      }
    }
    await Promise.all(jobs);
    return into;
  }

  destroy(): void {
    this.#reader.destroy();
  }
}

const wholeRect = ({ x0, y0, x1, y1 }: Rect): Rect => ({ x0: Math.floor(x0), y0: Math.floor(y0), x1: Math.ceil(x1), y1: Math.ceil(y1) });

/** Copies what two rectangles share. */
function copyTile(tile: PixelTile, from: Rect, into: Float32Array, to: Rect): void {
  const shared = intersectionOf(from, to);
  if (isEmptyRect(shared)) return;
  for (let y = shared.y0; y < shared.y1; y++) {
    const row = (y - from.y0) * tile.width - from.x0;
    into.set(tile.data.subarray(row + shared.x0, row + shared.x1), (y - to.y0) * (to.x1 - to.x0) + shared.x0 - to.x0);
  }
}
