/** The tree on its canvas: what part is in sight, pointer, wheel and keys. Drawn at most once a frame. Knows no React. */
import type { Editor } from "@/editor";
import { goTo } from "./go-to-cell";
import { hitTest, type Layout, type Placed } from "./layout";
import { paint, type TreeColours } from "./paint";
import { firstOf, lastOf, nearestFrame } from "./spans";
import { readColours } from "./tree-colours";
import { PLAIN_ROW_PX, fitTime, frameAt, kept, rowAt, showing, xOf, yOf, zoomedRows, zoomedTime, type Room, type ViewWindow } from "./view-window";

export interface StageCalls {
  /** Whether branches can be dragged. */
  readonly mayChange: boolean;
  /** A branch was dropped on a cell. */
  readonly onAdopt: (daughter: number, mother: number) => void;
  readonly onFold: (cell: number) => void;
  /** Client px. */
  readonly onMenu: (x: number, y: number, cell: number) => void;
}

interface Press {
  readonly x: number;
  readonly y: number;
  readonly hit: Placed | null;
  readonly view: ViewWindow;
}

interface Drag {
  readonly cell: number;
  readonly from: { readonly x: number; readonly y: number };
  readonly to: { readonly x: number; readonly y: number };
}

const CLICK_PX = 5;
const WHEEL_ROWS = 3;
const EMPTY: Layout = { families: [], rows: 0, places: new Map(), divisions: 0 };

export class TreeStage {
  #layout = EMPTY;
  #flags: ReadonlyMap<number, readonly number[]> = new Map();
  #view: ViewWindow = { t0: 0, frame_px: 1, top: 0, row_px: PLAIN_ROW_PX };
  #room: Room = { width: 0, height: 0 };
  #fitted = false;
  #hovered: number | null = null;
  #press: Press | null = null;
  #drag: Drag | null = null;
  #colours: TreeColours | null = null;
  /** The selection that was last brought into sight. */
  #seen: readonly number[] | null = null;
  #drawn: Layout | null = null;
  #asked = 0;
  #calls: StageCalls | null = null;
  readonly #end = new AbortController();
  readonly #leave: () => void;
  readonly #watch: ResizeObserver;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly editor: Editor,
    private readonly frames: number,
  ) {
    this.#leave = editor.subscribe(() => this.redraw());
    this.#watch = new ResizeObserver(() => this.#sized());
    this.#watch.observe(canvas);
    this.#listen();
  }

  show(layout: Layout, flags: ReadonlyMap<number, readonly number[]>): void {
    this.#layout = layout;
    this.#flags = flags;
    this.redraw();
  }

  listen(calls: StageCalls): void {
    this.#calls = calls;
  }

  /** Light has become dark, or the other way round. */
  recolour(): void {
    this.#colours = null;
    this.redraw();
  }

  redraw(): void {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      this.#draw();
    });
  }

  destroy(): void {
    this.#end.abort();
    this.#leave();
    this.#watch.disconnect();
    cancelAnimationFrame(this.#asked);
  }

  // ------------------------------------------------------------ drawing

  #sized(): void {
    const { width, height } = this.canvas.getBoundingClientRect();
    [this.canvas.width, this.canvas.height] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    this.#room = { width, height };
    if (!this.#fitted) this.#view = fitTime(this.#view, this.#room, this.frames);
    this.#fitted ||= width > 0;
    this.#draw();
  }

  #draw(): void {
    const ctx = this.canvas.getContext("2d");
    if (!ctx || this.#room.width === 0) return;
    const { selected, t } = this.editor.state();
    const layout = this.#layout;
    const chosen = selected[0] === undefined ? undefined : layout.places.get(selected[0]);
    if (chosen && this.#seen !== selected) this.#view = showing(this.#view, this.#room, chosen.row, t);
    if (layout.rows > 0) this.#seen = selected;
    this.#view = kept(this.#view, this.#room, this.frames, layout.rows);
    this.#colours ??= readColours(this.canvas);
    ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const drawn = paint(ctx, {
      layout, t, view: this.#view, room: this.#room, frames: this.frames, selected: new Set(selected), hovered: this.#hovered,
      flags: this.#flags, colours: this.#colours, drag: this.#drag, colourOf: (cell) => `rgb(${this.editor.colourOf(cell).join(" ")})`,
    });
    // For tests and benchmarks: another layout is on the screen.
    this.canvas.dataset.drawn = String(drawn);
    if (layout !== this.#drawn && layout.rows > 0) performance.mark("cytoloop:tree");
    this.#drawn = layout;
  }

  // ------------------------------------------------------------ pointer

  #listen(): void {
    const { canvas } = this;
    const { signal } = this.#end;
    canvas.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    canvas.addEventListener("pointermove", (event) => this.#move(event), { signal });
    canvas.addEventListener("pointerup", (event) => this.#up(event), { signal });
    canvas.addEventListener("pointercancel", () => this.#letGo(), { signal });
    canvas.addEventListener("pointerleave", () => this.#hover(null), { signal });
    canvas.addEventListener("contextmenu", (event) => this.#menu(event), { signal });
    canvas.addEventListener("dblclick", () => this.#look(fitTime(this.#view, this.#room, this.frames)), { signal });
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
    canvas.addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  #look(view: ViewWindow): void {
    this.#view = view;
    this.redraw();
  }

  #hitAt({ offsetX, offsetY }: MouseEvent): Placed | null {
    return hitTest(this.#layout, rowAt(this.#view, offsetY), frameAt(this.#view, offsetX), 3 / this.#view.frame_px);
  }

  #hover(cell: number | null): void {
    if (cell !== this.#hovered) this.redraw();
    this.#hovered = cell;
  }

  #down(event: PointerEvent): void {
    if (event.button === 2) return;
    this.#press = { x: event.offsetX, y: event.offsetY, hit: event.button === 0 ? this.#hitAt(event) : null, view: this.#view };
    this.canvas.setPointerCapture(event.pointerId);
  }

  /** A branch is dragged to its mother; the ground, and the middle button, move the view. */
  #move(event: PointerEvent): void {
    const to = { x: event.offsetX, y: event.offsetY };
    const cell = this.#hitAt(event)?.track.cell ?? null;
    this.canvas.title = cell === null ? "" : `Cell ${cell}, frame ${Math.floor(frameAt(this.#view, to.x))}`;
    this.#hover(cell);
    const begun = this.#press;
    if (!begun || Math.hypot(to.x - begun.x, to.y - begun.y) <= CLICK_PX) return;
    const { hit, view } = begun;
    if (hit && this.#calls?.mayChange) {
      this.#drag = { cell: hit.track.cell, from: { x: xOf(view, firstOf(hit.track.spans)), y: yOf(view, hit.row) }, to };
      this.redraw();
    } else this.#look({ ...view, t0: view.t0 - (to.x - begun.x) / view.frame_px, top: view.top - (to.y - begun.y) / view.row_px });
  }

  #letGo(): void {
    this.#press = null;
    this.#drag = null;
    this.redraw();
  }

  #up(event: PointerEvent): void {
    const [begun, drag] = [this.#press, this.#drag];
    this.#letGo();
    const hit = this.#hitAt(event);
    if (drag) {
      if (hit && hit.track.cell !== drag.cell) this.#calls?.onAdopt(drag.cell, hit.track.cell);
      return;
    }
    if (!begun || event.button !== 0 || Math.hypot(event.offsetX - begun.x, event.offsetY - begun.y) > CLICK_PX) return;
    const t = Math.floor(frameAt(this.#view, event.offsetX));
    if (begun.hit) this.#choose(begun.hit, t, event.ctrlKey || event.metaKey);
    else this.editor.dispatch({ kind: "frame.go", t });
  }

  #choose({ track: { cell, spans } }: Placed, t: number, add: boolean): void {
    const { selected } = this.editor.state();
    const cells = !add ? [cell] : selected.includes(cell) ? selected.filter((one) => one !== cell) : [...selected, cell];
    goTo(this.editor, nearestFrame(spans, t), cells);
  }

  #menu(event: MouseEvent): void {
    event.preventDefault();
    const hit = this.#hitAt(event);
    if (!hit) return;
    const { cell } = hit.track;
    if (!this.editor.state().selected.includes(cell)) this.#choose(hit, Math.floor(frameAt(this.#view, event.offsetX)), false);
    this.#calls?.onMenu(event.clientX, event.clientY, cell);
  }

  /** The wheel scrolls rows; with Ctrl it zooms time, with Shift it scrolls time, with Alt it makes rows higher. */
  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const factor = Math.exp(-event.deltaY / 300);
    const view = this.#view;
    if (event.ctrlKey || event.metaKey) return this.#look(zoomedTime(view, factor, event.offsetX));
    if (event.altKey) return this.#look(zoomedRows(view, factor, event.offsetY));
    const [dx, dy] = event.shiftKey ? [event.deltaX + event.deltaY, 0] : [event.deltaX, event.deltaY];
    const rows = (Math.sign(dy) * WHEEL_ROWS * Math.min(Math.abs(dy), 100)) / 100;
    this.#look({ ...view, t0: view.t0 + dx / view.frame_px, top: view.top + rows });
  }

  // ------------------------------------------------------------ keys

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { selected, t } = this.editor.state();
    const now = selected[0] === undefined ? undefined : this.#layout.places.get(selected[0]);
    const act = this.#keyActs(event.shiftKey, now, t)[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
    this.redraw();
  }

  #keyActs(shift: boolean, now: Placed | undefined, t: number): Readonly<Record<string, () => void>> {
    const to = (place: Placed | undefined, frame = t): void => {
      if (place) goTo(this.editor, nearestFrame(place.track.spans, frame), [place.track.cell]);
    };
    const step = (by: number): void => this.editor.dispatch({ kind: "frame.step", t: by });
    const zoom = (factor: number): void => this.#look(zoomedTime(this.#view, factor, this.#room.width / 2));
    const { places } = this.#layout;
    return {
      ArrowDown: () => to(beside(this.#layout, now, t, 1)),
      ArrowUp: () => to(beside(this.#layout, now, t, -1)),
      ArrowRight: () => (shift ? to(places.get(now?.daughters[0] ?? -1)) : step(1)),
      ArrowLeft: () => (shift ? to(places.get(now?.track.facts.mother ?? -1)) : step(-1)),
      Home: () => to(now, now && firstOf(now.track.spans)),
      End: () => to(now, now && lastOf(now.track.spans)),
      Enter: () => to(now),
      " ": () => now && this.#calls?.onFold(now.track.cell),
      "+": () => zoom(1.4),
      "-": () => zoom(1 / 1.4),
    };
  }
}

/** The next track below or above: of those in this frame, or of all where none is chosen. */
function beside(layout: Layout, now: Placed | undefined, t: number, by: 1 | -1): Placed | undefined {
  const from = now?.row ?? (by > 0 ? -1 : layout.rows);
  let best: Placed | undefined;
  for (const placed of layout.places.values()) {
    const ahead = (placed.row - from) * by;
    const { spans } = placed.track;
    if (ahead <= 0 || (now && (t < firstOf(spans) || t > lastOf(spans)))) continue;
    if (!best || ahead < (best.row - from) * by) best = placed;
  }
  return best;
}
