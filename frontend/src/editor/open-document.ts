/** One document on the desk: its labels, what is read of it, how it is looked at. */
import type { ChannelView, EditorOptions, Histogram, Hover, LabelDocument, PixelRequest, Scope } from "./door";
import type { Desk, Outlook } from "./commands/desk";
import type { Edit } from "./core/edit";
import type { FrameLabels } from "./core/frame-labels";
import type { Point, Rect, TileKey } from "./core/geometry";
import { IdPool } from "./core/id-pool";
import { LabelSession } from "./core/label-session";
import { LabelStore } from "./core/label-store";
import { Refused } from "./core/operations";
import { newUuid } from "./new-uuid";
import { channelLooks, outlookOf } from "./outlook";
import { FrameReader } from "./reading/frame-reader";
import type { FramePlace } from "./reading/frame-reader";
import { PixelReader } from "./reading/pixel-reader";
import { neighbours, planTiles } from "./reading/tile-plan";
import { fitted, viewRect } from "./view/camera";
import type { CanvasSize } from "./view/camera";
import { autoWindow, histogramOf } from "./view/grey-values";
import type { PixelTile } from "./view/scene";

const ID_BLOCK = 128;
const IDS_LOW = 32;
/** Labels of so many frames that nobody has edited stay in the tab. */
const MOST_FRAMES = 96;

export interface DocumentEvents {
  readonly size: () => CanvasSize;
  readonly onOutlook: (before: Outlook, after: Outlook) => void;
  readonly onTile: (request: PixelRequest) => void;
  readonly onPixels: (t: number, z: number, key: TileKey, rect: Rect) => void;
  /** Labels of a frame have come or were replaced, or facts have come. */
  readonly onLabels: () => void;
  readonly onEdit: (edit: Edit) => void;
  readonly onRefused: (error: unknown) => void;
  readonly onFailed: (error: unknown) => void;
}

export class OpenDocument implements Desk {
  readonly store: LabelStore;
  readonly session: LabelSession;
  readonly ids = new IdPool();
  readonly #pixels: PixelReader;
  readonly #frames: FrameReader;
  readonly #looks: ChannelView[];
  readonly #flight = new AbortController();
  #outlook: Outlook;
  #direction = { t: 1, z: 0 };
  #factsHere = false;
  #reserving = false;
  #hoverTiles: readonly PixelRequest[] = [];
  /** Channels whose window the first tile has still to say. */
  readonly #unmeasured: Set<number>;

  constructor(
    readonly document: LabelDocument,
    options: EditorOptions,
    private readonly events: DocumentEvents,
    before: Outlook | null,
  ) {
    const { size } = document;
    const most_bytes = (options.pixelMemoryMb ?? 192) * 2 ** 20;
    this.store = new LabelStore({ t: size.t, z: size.z, height: size.y, width: size.x }, events.onPixels);
    this.session = new LabelSession(this.store, newUuid, document.history);
    this.#looks = channelLooks(document);
    this.#outlook = outlookOf(document, options, before);
    this.#unmeasured = new Set(document.channels.flatMap((c, i) => (c.window === null && !document.place?.channels ? [i] : [])));
    const onError = events.onFailed;
    this.#pixels = new PixelReader({ document, most_bytes, onTile: (r, tile) => this.#tileCame(r, tile), onError, now: () => performance.now() });
    this.#frames = new FrameReader({ document, isHere: (p) => this.#isHere(p), onFrame: (p, frame) => this.#frameCame(p, frame), onError });
  }

  /** Begins to read. */
  open(): void {
    this.#readLabels();
    void this.#readFacts();
    void this.#reserve();
  }

  // ------------------------------------------------------------ outlook

  get outlook(): Outlook {
    return this.#outlook;
  }

  set(patch: Partial<Outlook>): void {
    const before = this.#outlook;
    const after = { ...before, ...patch };
    const keys = Object.keys(patch) as (keyof Outlook)[];
    if (keys.every((key) => before[key] === after[key])) return;
    this.#outlook = after;
    if (before.t !== after.t || before.z !== after.z) this.#frameChanged(before, after);
    if (before.t !== after.t || before.z !== after.z || before.camera !== after.camera || before.channels !== after.channels) this.readPixels();
    this.events.onOutlook(before, after);
  }

  #frameChanged(before: Outlook, after: Outlook): void {
    this.session.cancel();
    for (const [, tile] of this.store.frame(before.t, before.z)?.tiles() ?? []) tile.rest();
    this.#direction = { t: Math.sign(after.t - before.t), z: Math.sign(after.z - before.z) };
    this.#readLabels();
  }

  canvasSize(): CanvasSize {
    return this.events.size();
  }

  fit(): void {
    const { y: height, x: width } = this.document.size;
    this.set({ camera: fitted({ height, width }, this.canvasSize()) });
  }

  // ------------------------------------------------------------ pixels

  /** Asks for the tiles of the present view. */
  readPixels(): void {
    const { camera, channels, t, z } = this.#outlook;
    const size = this.canvasSize();
    if (size.width === 0) return;
    const shown = channels.flatMap((look, c) => (look.visible ? [c] : []));
    const imagePerDevicePx = 1 / (camera.zoom * size.density);
    const view = { t, z, rect: viewRect(camera, size), imagePerDevicePx, channels: shown, direction: this.#direction };
    const plan = planTiles(this.document, view);
    const fromHover = this.#hoverTiles.filter((r) => r.t === t && r.z === z);
    this.#pixels.want([...plan.requests.slice(0, plan.needed), ...fromHover, ...plan.requests.slice(plan.needed)], plan.needed);
  }

  pixelTile(request: PixelRequest): PixelTile | undefined {
    return this.#pixels.tile(request);
  }

  missingPixels(): { missing: number; of: number } {
    return this.#pixels.missing();
  }

  #tileCame(request: PixelRequest, tile: PixelTile): void {
    if (this.#unmeasured.delete(request.c)) this.#measure(request.c, tile);
    this.events.onTile(request);
  }

  #measure(channel: number, tile: PixelTile): void {
    const window = autoWindow([tile.data]);
    if (!window) return;
    const measured = { min: window[0], max: window[1] };
    this.#looks[channel] = { ...this.#looks[channel], ...measured };
    this.set({ channels: this.#outlook.channels.map((look, c) => (c === channel ? { ...look, ...measured } : look)) });
  }

  /** Tiles of a channel in the present frame at the coarsest level that is here. */
  #loaded(channel: number): PixelTile["data"][] {
    const { t, z } = this.#outlook;
    const { pyramid, pixelTilePx } = this.document;
    for (let level = pyramid.length - 1; level >= 0; level--) {
      const found: PixelTile["data"][] = [];
      for (let ty = 0; ty * pixelTilePx < pyramid[level].height_px; ty++) {
        for (let tx = 0; tx * pixelTilePx < pyramid[level].width_px; tx++) {
          const tile = this.#pixels.tile({ level, t, c: channel, z, ty, tx });
          if (tile) found.push(tile.data);
        }
      }
      if (found.length > 0) return found;
    }
    return [];
  }

  autoWindow(channel: number): readonly [number, number] | null {
    return autoWindow(this.#loaded(channel));
  }

  histogram(channel: number): Histogram | null {
    return histogramOf(this.#loaded(channel));
  }

  firstLook(channel: number): ChannelView {
    return this.#looks[channel];
  }

  hoverAt(at: Point): Hover | null {
    const [x, y] = [Math.floor(at.x), Math.floor(at.y)];
    const { size } = this.document;
    if (x < 0 || y < 0 || x >= size.x || y >= size.y) return null;
    const values = this.document.channels.map((_, c) => this.#valueAt(c, x, y));
    return { x, y, values, cells: this.frame()?.cellsAt(x, y) ?? [] };
  }

  #valueAt(c: number, x: number, y: number): number | null {
    const edge = this.document.pixelTilePx;
    const tile = this.#pixels.tile(this.#finest(c, x, y));
    return tile ? tile.data[(y % edge) * tile.width + (x % edge)] : null;
  }

  #finest(c: number, x: number, y: number): PixelRequest {
    const { t, z } = this.#outlook;
    const edge = this.document.pixelTilePx;
    return { level: 0, t, z, c, ty: Math.floor(y / edge), tx: Math.floor(x / edge) };
  }

  /** The pointer rests: its pixel's true values are wanted even when a coarser level is shown. */
  readHovered({ x, y }: Hover): void {
    this.#hoverTiles = this.document.channels.map((_, c) => this.#finest(c, x, y));
    this.readPixels();
  }

  // ------------------------------------------------------------ labels

  frame(): FrameLabels | undefined {
    return this.store.frame(this.#outlook.t, this.#outlook.z);
  }

  #isHere = ({ t, z }: FramePlace): boolean => this.store.frame(t, z) !== undefined;

  #readLabels(): void {
    const { t, z } = this.#outlook;
    this.#frames.want({ t, z }, neighbours(this.document, { t, z, direction: this.#direction }));
  }

  #frameCame({ t, z }: FramePlace, frame: Parameters<LabelSession["openFrame"]>[2]): void {
    this.session.openFrame(t, z, frame);
    this.#forgetFarFrames();
    if (t === this.#outlook.t && z === this.#outlook.z) this.events.onLabels();
  }

  #forgetFarFrames(): void {
    const away = (frame: FrameLabels): number => Math.abs(frame.t - this.#outlook.t) + Math.abs(frame.z - this.#outlook.z);
    const clean = [...this.store.frames()].filter((frame) => !frame.touched).sort((a, b) => away(b) - away(a));
    for (const frame of clean.slice(0, Math.max(0, clean.length - MOST_FRAMES))) this.store.forget(frame.t, frame.z);
  }

  async #readFacts(): Promise<void> {
    try {
      const records = await this.document.cells.readCells(this.#flight.signal);
      if (this.#flight.signal.aborted) return;
      this.store.facts.load(records);
      this.#factsHere = true;
      this.store.version++;
      this.events.onLabels();
    } catch (error) {
      if (!this.#flight.signal.aborted) this.events.onFailed(error);
    }
  }

  get labelsMissing(): number {
    return Number(this.#frames.isWaiting) + Number(!this.#factsHere);
  }

  get isEditable(): boolean {
    return this.document.readOnly !== true && this.#factsHere && this.frame() !== undefined;
  }

  needEditable(): FrameLabels {
    const frame = this.frame();
    if (this.document.readOnly) throw new Refused("These labels can only be looked at here.");
    if (!frame || !this.#factsHere) throw new Refused("The labels of this frame are still being read; try again in a moment.");
    return frame;
  }

  framesOf(scope: Scope, cells: readonly number[]): readonly FramePlace[] {
    const { t, z } = this.#outlook;
    if (scope === "frame") return [{ t, z }];
    const { size } = this.document;
    const extents = cells.map((cell) => this.store.facts.extent(cell));
    const first = Math.min(...extents.map((extent) => extent?.first_t ?? 0));
    const last = Math.max(...extents.map((extent) => extent?.last_t ?? size.t - 1));
    const places: FramePlace[] = [];
    for (let ft = 0; ft < size.t; ft++) {
      for (let fz = 0; fz < size.z; fz++) {
        const drawnHere = cells.some((cell) => this.store.frame(ft, fz)?.has(cell));
        if (drawnHere || (ft >= first && ft <= last)) places.push({ t: ft, z: fz });
      }
    }
    return places;
  }

  withFrames(places: readonly FramePlace[], then: (frames: readonly FrameLabels[]) => void): void {
    const different = [...new Map(places.map((p) => [`${p.t}/${p.z}`, p])).values()];
    const run = (): void => then(different.flatMap(({ t, z }) => this.store.frame(t, z) ?? []));
    if (different.every(this.#isHere)) {
      run();
      return;
    }
    void this.#frames.ensure(different).then(run).catch(this.events.onRefused);
  }

  // ------------------------------------------------------------ edits

  takeId(): number {
    const id = this.ids.take();
    void this.#reserve();
    if (id === null) throw new Refused("No cell numbers are reserved: the server cannot be reached. Cells that exist can still be edited.");
    return id;
  }

  async #reserve(): Promise<void> {
    if (this.document.readOnly || this.#reserving || this.ids.left >= IDS_LOW) return;
    this.#reserving = true;
    try {
      this.ids.add(await this.document.reserveIds(ID_BLOCK));
    } catch (error) {
      if (!this.#flight.signal.aborted) this.events.onFailed(error);
    }
    this.#reserving = false;
  }

  made(edit: Edit | null): void {
    if (edit) this.events.onEdit(edit);
  }

  close(): void {
    this.#flight.abort();
    this.#pixels.destroy();
    this.#frames.destroy();
  }
}
