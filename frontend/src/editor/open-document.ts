/** One document on the desk: its labels, what is read of it, how it is looked at. */
import type { ChannelView, EditorOptions, Histogram, Hover, Scope } from "./door";
import type { LabelDocument, PixelRequest } from "./host";
import type { Crop, Desk, Outlook } from "./commands/desk";
import type { Edit } from "./core/edit";
import type { FrameLabels } from "./core/frame-labels";
import type { Point, Rect, TileKey } from "./core/geometry";
import { HistoryFeed } from "./reading/history-feed";
import { IdPool } from "./core/id-pool";
import { LabelSession } from "./core/label-session";
import { LabelStore } from "./core/label-store";
import { Refused } from "./core/operations";
import { isInScope } from "./core/scope";
import { newUuid } from "./new-uuid";
import { withParameters } from "./parameters";
import { channelLooks, handOf, outlookOf } from "./outlook";
import { FrameReader } from "./reading/frame-reader";
import type { FramePlace } from "./reading/frame-reader";
import { DocumentPixels } from "./reading/document-pixels";
import { RegionReader } from "./reading/region-reader";
import type { StubLayer } from "./reading/stub-layer";
import { neighbours } from "./reading/tile-plan";
import { fitted, viewRect } from "./view/camera";
import type { CanvasSize } from "./view/camera";
import { autoWindow, histogramOf } from "./view/grey-values";
import type { PixelTile } from "./view/scene";

/** So many new cells can be drawn without a network. */
const ID_BLOCK = 512;
const IDS_LOW = 256;
/** Labels of so many frames that nobody has edited stay in the tab. */
const MOST_FRAMES = 96;

export interface DocumentEvents {
  readonly size: () => CanvasSize;
  readonly onOutlook: (before: Outlook, after: Outlook) => void;
  readonly onTile: (request: PixelRequest) => void;
  readonly onPixels: (t: number, z: number, key: TileKey, rect: Rect) => void;
  /** Labels of a frame have come or were replaced, or facts have come. */
  readonly onLabels: () => void;
  /** Labels of a rectangle of a frame have come, or points instead of them. */
  readonly onRegion?: (t: number, z: number, rect: Rect) => void;
  readonly onEdit: (edit: Edit) => void;
  readonly onRefused: (error: unknown) => void;
  /** An answer that came later has done its work. */
  readonly onLater: () => void;
  readonly onFailed: (error: unknown) => void;
}

export class OpenDocument implements Desk {
  readonly store: LabelStore;
  readonly session: LabelSession;
  readonly past: HistoryFeed;
  readonly ids = new IdPool();
  readonly pixels: DocumentPixels;
  readonly #frames: FrameReader;
  /** Where labels are read by regions. */
  readonly #regions: RegionReader | null;
  readonly #ownCells = new Set<number>();
  readonly #looks: ChannelView[];
  readonly #flight = new AbortController();
  #outlook: Outlook;
  #direction = { t: 1, z: 0 };
  #factsHere = false;
  #reserving = false;
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
    this.session = new LabelSession(this.store, newUuid);
    this.session.history.adopt(document.past?.unsent ?? []);
    this.past = new HistoryFeed(this.session.history, document.past, events.onLater);
    this.#looks = channelLooks(document);
    this.#outlook = outlookOf(document, options, before);
    this.session.hand = handOf(this.#outlook.toolOptions);
    this.#unmeasured = new Set(document.channels.flatMap((c, i) => (c.window === null && !document.place?.channels ? [i] : [])));
    const onError = events.onFailed;
    this.pixels = new DocumentPixels(document, most_bytes, (r, tile) => this.#tileCame(r, tile), onError);
    this.#regions = this.#regionReader();
    this.#factsHere = this.#regions !== null;
    this.#frames = new FrameReader({ document, isHere: (p) => this.#isHere(p), onFrame: (p, frame) => this.#frameCame(p, frame), onError });
  }

  #regionReader(): RegionReader | null {
    const { document, store, session } = this;
    if (!document.regions) return null;
    const { onFailed: onError } = this.events;
    const onRegion = (t: number, z: number, rect: Rect): void => this.events.onRegion?.(t, z, rect);
    return new RegionReader({ document, regions: document.regions, store, session, isOwn: (cell) => this.#ownCells.has(cell), onRegion, onError });
  }

  /** Begins to read. */
  open(): void {
    if (this.#regions === null) this.#readLabels(); // regions are read once the view is known
    if (this.#regions === null) void this.#readFacts();
    else if (!this.document.readOnly) this.past.tend();
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
    if (before.toolOptions !== after.toolOptions) this.session.hand = handOf(after.toolOptions);
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

  readPixels(): void {
    this.#readRegion();
    this.pixels.read(this.#outlook, this.canvasSize(), this.#direction);
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

  autoWindow(channel: number): readonly [number, number] | null {
    return autoWindow(this.pixels.loaded(channel, this.#outlook));
  }

  histogram(channel: number): Histogram | null {
    return histogramOf(this.pixels.loaded(channel, this.#outlook));
  }

  readCrop(rect: Rect, channels: readonly number[], at: FramePlace = this.#outlook): Promise<Crop> {
    return this.pixels.readCrop(rect, channels, at, this.#flight.signal);
  }

  later(work: Promise<unknown>): void {
    const isOpen = (): boolean => !this.#flight.signal.aborted;
    work.then(() => isOpen() && this.events.onLater()).catch((error: unknown) => {
      if (isOpen()) this.events.onRefused(error);
    });
  }

  firstLook(channel: number): ChannelView {
    return this.#looks[channel];
  }

  hoverAt(at: Point): Hover | null {
    const [x, y] = [Math.floor(at.x), Math.floor(at.y)];
    const { size } = this.document;
    if (x < 0 || y < 0 || x >= size.x || y >= size.y) return null;
    return { x, y, values: this.pixels.valuesAt(x, y, this.#outlook), cells: this.cellsAt(x, y) };
  }

  /** The pointer rests: its pixel's true values are wanted even when a coarser level is shown. */
  readHovered({ x, y }: Hover): void {
    this.pixels.wantAt(x, y, this.#outlook);
    this.readPixels();
  }

  // ------------------------------------------------------------ labels

  frame(): FrameLabels | undefined {
    return this.store.frame(this.#outlook.t, this.#outlook.z);
  }

  /** Points instead of labels, while too many cells are in view. */
  get stubs(): StubLayer | null {
    return this.#regions?.stubs ?? null;
  }

  cellsAt(x: number, y: number): readonly number[] {
    if (!this.stubs) return this.frame()?.cellsAt(x, y) ?? [];
    const cell = this.stubs.at(x + 0.5, y + 0.5, this.#outlook.camera.zoom);
    return cell === null ? [] : [cell];
  }

  #isHere = (place: FramePlace): boolean => (this.#regions ? this.#regions.covers(place) : this.store.frame(place.t, place.z) !== undefined);

  #readRegion(): void {
    const size = this.canvasSize();
    if (this.#regions && size.width > 0) this.#regions.want(this.#outlook, viewRect(this.#outlook.camera, size));
  }

  #readLabels(): void {
    if (this.#regions) return this.#readRegion();
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
      if (!this.document.readOnly) this.past.tend();
    } catch (error) {
      if (!this.#flight.signal.aborted) this.events.onFailed(error);
    }
  }

  get labelsMissing(): number {
    return this.#regions ? this.#regions.missing : Number(this.#frames.isWaiting) + Number(!this.#factsHere);
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
    if (scope === "frame") return [{ t, z, cells }];
    const { size } = this.document;
    const inScope = (at: FramePlace): boolean => isInScope(scope, { t, z }, at, size.t);
    const extents = cells.map((cell) => this.store.facts.extent(cell));
    const first = Math.min(...extents.map((extent) => extent?.first_t ?? 0));
    const last = Math.max(...extents.map((extent) => extent?.last_t ?? size.t - 1));
    const places: FramePlace[] = [];
    for (let ft = 0; ft < size.t; ft++) {
      for (let fz = 0; fz < size.z; fz++) {
        if (!inScope({ t: ft, z: fz })) continue;
        const drawnHere = cells.some((cell) => this.store.frame(ft, fz)?.has(cell));
        if (drawnHere || (ft >= first && ft <= last)) places.push({ t: ft, z: fz, cells });
      }
    }
    return places;
  }

  withFrames(places: readonly FramePlace[], then: (frames: readonly FrameLabels[]) => void): void {
    const different = [...new Map(places.map((p) => [`${p.t}/${p.z}`, p])).values()];
    const run = (): void => then(different.flatMap(({ t, z }) => this.store.frame(t, z) ?? []));
    if (places.every(this.#isHere)) {
      run();
      return;
    }
    const read = this.#regions ? this.#regions.ensure(places) : this.#frames.ensure(different);
    this.later(read.then(run));
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
    if (edit) this.events.onEdit(withParameters(edit, this.#outlook.toolOptions, this.document));
    if (this.#regions) for (const { cell } of [...(edit?.pixels ?? []), ...(edit?.cells ?? []), ...(edit?.moves ?? [])]) this.#ownCells.add(cell);
    this.past.tend();
  }

  close(): void {
    this.#flight.abort();
    this.past.close();
    this.pixels.destroy();
    this.#frames.destroy();
    this.#regions?.destroy();
  }
}
