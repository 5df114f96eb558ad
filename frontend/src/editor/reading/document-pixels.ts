/** Grey values of one document: what the view needs, what lies under the pointer. */
import type { Outlook } from "../commands/desk";
import type { LabelDocument, PixelArray, PixelRequest } from "../host";
import { viewRect } from "../view/camera";
import type { CanvasSize } from "../view/camera";
import type { PixelTile } from "../view/scene";
import { PixelReader } from "./pixel-reader";
import { planTiles } from "./tile-plan";

type Here = Pick<Outlook, "t" | "z">;

export class DocumentPixels {
  readonly #reader: PixelReader;
  #hovered: readonly PixelRequest[] = [];

  constructor(
    private readonly document: LabelDocument,
    most_bytes: number,
    onTile: (request: PixelRequest, tile: PixelTile) => void,
    onError: (error: unknown) => void,
  ) {
    this.#reader = new PixelReader({ document, most_bytes, onTile, onError, now: () => performance.now() });
  }

  /** Asks for the tiles of the present view, then for those of the next frames. */
  read({ camera, channels, t, z }: Outlook, size: CanvasSize, direction: { readonly t: number; readonly z: number }): void {
    if (size.width === 0) return;
    const shown = channels.flatMap((look, c) => (look.visible ? [c] : []));
    const imagePerDevicePx = 1 / (camera.zoom * size.density);
    const plan = planTiles(this.document, { t, z, rect: viewRect(camera, size), imagePerDevicePx, channels: shown, direction });
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

  destroy(): void {
    this.#reader.destroy();
  }
}
