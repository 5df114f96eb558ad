/** Joins the rooms: input → tool → command → core → edit → document → view. */
import type { Command, Editor, EditorOptions, EditorState, Keymap, Other, RemoteChange, ToolName, ToolOptions } from "./door";
import type { LabelDocument, PixelRequest } from "./host";
import { runCommand } from "./commands/run-command";
import type { Outlook } from "./commands/desk";
import type { FactMark, FactsTouched } from "./core/fact-table";
import type { Edit } from "./core/edit";
import type { Frame } from "./core/frame";
import { RegionTooLarge } from "./core/flood";
import type { Point, Rect } from "./core/geometry";
import { Refused } from "./core/operations";
import { commandFor } from "./input/actions/actions";
import type { Habits } from "./input/habits";
import { Hands } from "./hands";
import { Hovering } from "./hovering";
import { Listeners } from "./listeners";
import { markMoment } from "./marks";
import { OpenDocument } from "./open-document";
import { SceneMaker } from "./scene-maker";
import { NO_DOCUMENT, stateOf } from "./state";
import { toCanvas, toImage } from "./view/camera";
import type { CanvasSize } from "./view/camera";
import { openScreen } from "./view/open-screen";
import { OverlayCanvas } from "./view/overlay/overlay-canvas";
import type { Screen } from "./view/screen";

/** Cells that are drawn anew one by one; for more the whole view is. */
const MOST_REDRAWN = 64;

export class CanvasEditor implements Editor {
  #open: OpenDocument | null = null;
  #state: EditorState = NO_DOCUMENT;
  #stale = false;
  #size: CanvasSize = { width: 0, height: 0, density: 1 };
  #fitDue = false;
  readonly #listeners = new Listeners();
  readonly #commits = new Set<(edit: Edit) => void>();
  readonly #renderer: Screen;
  readonly #overlay: OverlayCanvas;
  readonly #scenes: SceneMaker;
  readonly #hovering: Hovering;
  readonly #hands: Hands;
  readonly #unwatch: () => void;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly options: EditorOptions,
  ) {
    this.#scenes = new SceneMaker(options.background ?? "#0b0d10", () => this.#size, () => this.#renderer.invalidate());
    this.#renderer = openScreen(canvas, {
      graphics: options.graphics ?? "automatic",
      scene: () => this.#scenes.scene(this.#open),
      pixelBytes: (options.pixelMemoryMb ?? 192) * 2 ** 20,
      onError: (error) => this.#failed(error),
    });
    this.#overlay = new OverlayCanvas(canvas, () => this.#scenes.overlayScene(this.#open));
    this.#hovering = new Hovering(canvas, this.#scenes, this.#renderer);
    this.#unwatch = this.#watchSize();
    this.#hands = new Hands(canvas, options, {
      state: () => this.state(),
      toImage: (x, y) => this.toImage(x, y),
      pick: (x, y) => this.pick(x, y),
      dispatch: (command) => this.dispatch(command),
      act: (action) => this.act(action),
      setTool: (tool) => this.setTool(tool),
      hideLabels: (hidden) => this.#hideLabels(hidden),
      hover: (at) => this.#hovering.move(this.#open, at),
      hasPlanes: () => (this.#open?.document.size.z ?? 1) > 1,
    });
  }

  // ------------------------------------------------------------ document

  load(document: LabelDocument): void {
    const before = this.#open?.outlook ?? null;
    this.#open?.close();
    const open: OpenDocument = new OpenDocument(document, this.options, this.#eventsFor(() => this.#open === open), before);
    this.#open = open;
    this.#scenes.begin(open);
    this.#renderer.clear();
    open.open();
    this.#fitDue = document.place?.camera === undefined;
    this.#sizeKnown();
    this.#changed();
  }

  /** A document that was closed may still hear from its readers. */
  #eventsFor(isOpen: () => boolean): ConstructorParameters<typeof OpenDocument>[2] {
    const ifOpen = <A extends unknown[]>(hear: (...args: A) => void) => (...args: A): void => {
      if (isOpen()) hear(...args);
    };
    return {
      size: () => this.#size,
      onOutlook: ifOpen((before, after) => this.#outlookChanged(before, after)),
      onTile: ifOpen((request) => this.#tileCame(request)),
      onPixels: ifOpen((t, z, key, rect) => {
        if (this.#scenes.shows(t, z)) this.#renderer.labelsChanged(key, rect);
      }),
      onLabels: ifOpen(() => this.#labelsCame()),
      onRegion: ifOpen((t, z, rect) => this.#regionCame(t, z, rect)),
      onEdit: ifOpen((edit) => this.#tellCommit(edit)),
      onRefused: ifOpen((error) => this.#refused(error)),
      onLater: ifOpen(() => this.#changed()),
      onFailed: ifOpen((error) => this.#failed(error)),
    };
  }

  #outlookChanged(before: Outlook, after: Outlook): void {
    this.#hands.goBack(before, after);
    const frame = before.t !== after.t || before.z !== after.z;
    if (before.draft !== after.draft) markMoment("draft");
    if (frame) this.#frameChanged();
    else if (before.channels !== after.channels) this.#renderer.invalidate();
    else if (before.camera !== after.camera) this.#renderer.moved(before.camera, after.camera);
    else if (before.overlay !== after.overlay || before.tool !== after.tool) this.#renderer.invalidateLabels();
    else if (before.selected !== after.selected) this.#selectionChanged(before, after);
    else if (before.toolOptions !== after.toolOptions) this.#hovering.penChanged(this.#open);
    this.#changed();
  }

  #selectionChanged(before: Outlook, after: Outlook): void {
    const [old, now] = [new Set(before.selected), new Set(after.selected)];
    const turned = [...before.selected.filter((cell) => !now.has(cell)), ...after.selected.filter((cell) => !old.has(cell))];
    // Where cells overlap the first selected one lies on top.
    if (!this.#open || after.overlay.highlight || turned.length > MOST_REDRAWN) this.#renderer.invalidateLabels();
    else for (const cell of [...turned, before.selected[0], after.selected[0]]) this.#hovering.redraw(this.#open, cell);
  }

  #frameChanged(): void {
    if (!this.#open) return;
    this.#scenes.frameChanged(this.#open);
    void this.settled().then(() => markMoment("frame"));
    const hover = this.#open.outlook.hover;
    if (hover) this.#open.set({ hover: this.#open.hoverAt({ x: hover.x + 0.5, y: hover.y + 0.5 }) });
  }

  #tileCame(request: PixelRequest): void {
    const open = this.#open;
    if (!open) return;
    this.#scenes.arrived(open);
    const edge = open.document.pixelTilePx * open.document.pyramid[request.level].scale;
    const [x0, y0] = [request.tx * edge, request.ty * edge];
    if (this.#scenes.shows(request.t, request.z)) this.#renderer.invalidateBase({ x0, y0, x1: x0 + edge, y1: y0 + edge });
    this.#changed();
  }

  #regionCame(t: number, z: number, rect: Rect): void {
    if (this.#open) this.#scenes.arrived(this.#open);
    if (this.#scenes.shows(t, z)) this.#renderer.regionCame(rect);
    this.#changed();
  }

  #labelsCame(): void {
    if (this.#open) this.#scenes.arrived(this.#open);
    this.#renderer.labelsReplaced();
    this.#changed();
  }

  // ------------------------------------------------------------ commands

  dispatch(command: Command): void {
    if (!this.#open) return;
    if (command.kind === "stroke.begin") this.#scenes.showNow(this.#open);
    try {
      runCommand(this.#open, command);
    } catch (error) {
      this.#refused(error);
    }
    this.#changed();
  }

  act(action: string): boolean {
    const command = commandFor(action, this.state());
    if (command) this.dispatch(command);
    return command !== undefined;
  }

  setTool(tool: ToolName, options?: Partial<ToolOptions>): void {
    this.dispatch({ kind: "tool", tool });
    if (options) this.dispatch({ kind: "tool.options", options });
  }

  undo(): void {
    this.dispatch({ kind: "undo" });
  }

  redo(): void {
    this.dispatch({ kind: "redo" });
  }

  #tellCommit(edit: Edit): void {
    markMoment("edit");
    if (edit.cells.length > 0 && this.#open?.outlook.overlay.colourBy !== "cell") this.#renderer.invalidateLabels();
    for (const listener of this.#commits) listener(edit);
  }

  #refused(error: unknown): void {
    if (error instanceof Refused || error instanceof RegionTooLarge) this.#notice("refused", error.message);
    else this.#failed(error);
  }

  #failed(error: unknown): void {
    this.#notice("failed", error instanceof Error ? error.message : String(error));
    this.options.onError?.(error);
  }

  #notice(kind: "refused" | "failed", text: string): void {
    const number = (this.#open?.outlook.notice?.number ?? 0) + 1;
    this.#open?.set({ notice: { kind, text, number } });
  }

  // ------------------------------------------------------------ others' work

  applyRemote(change: RemoteChange): readonly Edit[] {
    const open = this.#open;
    if (!open) return change.kind === "edit" ? [] : change.pending;
    const rebased = this.#lay(open, change);
    this.#renderer.invalidateLabels();
    this.#changed();
    return rebased;
  }

  #lay({ session }: OpenDocument, change: RemoteChange): readonly Edit[] {
    if (change.kind === "frame") return session.applyFrame(change);
    if (change.kind === "edit") {
      session.applyEdit(change.edit, change.number);
      return [];
    }
    session.applyFacts(change.cells, change.pending);
    return change.pending;
  }

  landed(edits: readonly Edit[], number: number, changed?: boolean): void {
    this.#open?.session.landed(edits, number, changed);
  }

  framesOf(cell: number): readonly number[] {
    return this.#open?.store.framesOf(cell) ?? [];
  }

  kinOf(cell: number): { readonly daughters: readonly number[]; readonly merged: readonly number[] } {
    const facts = this.#open?.store.facts;
    return { daughters: facts?.daughtersOf(cell) ?? [], merged: facts?.mergedInto(cell) ?? [] };
  }

  forget(edits: readonly Edit[]): void {
    this.#open?.session.history.forget(new Set(edits.map((edit) => edit.id)));
    this.#changed();
  }

  setOthers(others: readonly Other[]): void {
    this.#open?.set({ others });
  }

  // ------------------------------------------------------------ questions

  state(): EditorState {
    if (this.#stale && this.#open) this.#state = stateOf(this.#open, this.#state);
    this.#stale = false;
    return this.#state;
  }

  #changed(): void {
    this.#stale = true;
    this.#overlay.ask();
    this.#listeners.tellSoon();
  }

  subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  onCommit(listener: (edit: Edit) => void): () => void {
    this.#commits.add(listener);
    return () => this.#commits.delete(listener);
  }

  setKeymap(keymap: Keymap): void {
    this.#hands.keymap = keymap;
  }

  setHabits(habits: Habits): void {
    this.#hands.habits = habits;
  }

  cells(at?: { readonly t: number; readonly z: number }) {
    const frame = at ? this.#open?.store.frame(at.t, at.z) : this.#open?.frame();
    return frame?.measures() ?? [];
  }

  measure(cell: number) {
    return this.#open?.frame()?.measure(cell) ?? null;
  }

  facts(cell: number) {
    return this.#open?.store.facts.get(cell) ?? null;
  }

  factsTouched(since: FactMark | null): FactsTouched {
    return this.#open?.store.facts.touchedSince(since) ?? { mark: { of: this, version: 0 }, cells: null };
  }

  labelsAt(t: number, z: number): Frame | null {
    return this.#open?.store.frame(t, z)?.asFrame() ?? null;
  }

  colourOf(cell: number) {
    return this.#scenes.colourOf(this.#open, cell);
  }

  pick(x: number, y: number): readonly number[] {
    return this.#open?.cellsAt(Math.floor(x), Math.floor(y)) ?? [];
  }

  toImage(client_x: number, client_y: number): Point {
    const rect = this.canvas.getBoundingClientRect();
    return toImage(this.state().camera, this.#size, { x: client_x - rect.left, y: client_y - rect.top });
  }

  toCanvas(point: Point): Point {
    return toCanvas(this.state().camera, this.#size, point);
  }

  histogram(channel: number) {
    return this.#open?.histogram(channel) ?? null;
  }

  async settled(): Promise<void> {
    while (this.state().document && this.state().loading.fraction < 1) await this.#listeners.next();
    if (this.#open) this.#scenes.showNow(this.#open);
    await this.#renderer.drawn();
    this.#overlay.drawNow();
  }

  #hideLabels(hidden: boolean): void {
    if (!this.#scenes.hideLabels(hidden)) return;
    this.#renderer.invalidateLabels();
    this.#overlay.ask();
  }

  // ------------------------------------------------------------ size

  #watchSize(): () => void {
    const watch = new ResizeObserver(() => this.#sizeKnown());
    watch.observe(this.canvas);
    return () => watch.disconnect();
  }

  #sizeKnown(): void {
    const { width, height } = this.canvas.getBoundingClientRect();
    this.#size = { width, height, density: window.devicePixelRatio };
    if (!this.#open || width === 0 || height === 0) return;
    if (this.#fitDue) this.#open.fit();
    this.#fitDue = false;
    this.#open.readPixels();
    this.#renderer.invalidate();
    this.#changed();
  }

  destroy(): void {
    this.#hovering.destroy();
    this.#open?.close();
    this.#open = null;
    this.#hands.destroy();
    this.#unwatch();
    this.#scenes.destroy();
    this.#renderer.destroy();
    this.#overlay.destroy();
    this.#listeners.clear();
    this.#commits.clear();
  }
}
