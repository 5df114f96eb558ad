/** A crop on a canvas that is zoomed, moved and drawn on; plain TypeScript, painted at most once a frame. */
import type { Point } from "@/editor/painting";
import { fitted, moved, pinched, toImage, zoomed, type Camera, type Size } from "./camera";
import { paintCross, paintLoupe, paintScene, type Draft, type Scene } from "./scene";
import { Touches } from "./touches";

export type Interaction = "look" | "draw" | "press" | "swipe";

export interface StageHandlers {
  onPath?(path: readonly Point[]): void;
  onPress?(from: Point, to: Point, reach_px: number, dragged: boolean): void;
  /** While a card is pulled: how far, CSS px; `done` when it is let go. */
  onSwipe?(dx: number, dy: number, done: boolean): void;
}

export interface StageSettings {
  readonly interaction: Interaction;
  readonly pen: { readonly kind: "outline" | "brush" | "eraser"; readonly diameter_px: number };
}

/** A press within this reach of a dot means the dot, CSS px: half a fingertip. */
const REACH_PX = 22;
const DRAG_PX = 10;
const KEY_STEP_PX = 8;

export class StageView {
  readonly #context: CanvasRenderingContext2D | null;
  readonly #touches: Touches;
  #camera: Camera = { scale: 1, x: 0, y: 0 };
  #window: Size = { width: 0, height: 0 };
  #scene: Scene = { size: { width: 1, height: 1 }, layers: [], dots: [] };
  #settings: StageSettings = { interaction: "look", pen: { kind: "outline", diameter_px: 8 } };
  #picture: HTMLImageElement | null = null;
  #path: Point[] = [];
  #from: Point | null = null;
  #finger: Point | null = null;
  #byMouse = true;
  #cursor: Point | null = null;
  #penDown = false;
  #box: Pick<DOMRect, "left" | "top"> = { left: 0, top: 0 };
  #asked = 0;
  #isFitted = false;
  #handlers: StageHandlers = {};

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.#context = canvas.getContext("2d");
    this.#touches = new Touches({
      start: (at) => this.#start(at),
      extend: (at) => this.#extend(at),
      end: () => this.#end(),
      drop: () => this.#drop(),
      pinch: (from, to) => this.#move(pinched(this.#camera, from, to, this.#scene.size, this.#window)),
      pan: (dx, dy) => this.#move(moved(this.#camera, dx, dy, this.#scene.size, this.#window)),
    });
  }

  setScene(scene: Scene): void {
    const resized = scene.size.width !== this.#scene.size.width || scene.size.height !== this.#scene.size.height;
    this.#scene = scene;
    if (resized || !this.#isFitted) this.fit();
    else this.#ask();
  }

  setHandlers(handlers: StageHandlers): void {
    this.#handlers = handlers;
  }

  setSettings(settings: StageSettings): void {
    this.#settings = settings;
    this.#ask();
  }

  setPicture(picture: HTMLImageElement | null): void {
    this.#picture = picture;
    this.#ask();
  }

  resize(width: number, height: number): void {
    const ratio = globalThis.devicePixelRatio || 1;
    this.#window = { width, height };
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.fit();
  }

  fit(): void {
    if (this.#window.width === 0) return;
    this.#isFitted = true;
    this.#move(fitted(this.#scene.size, this.#window));
  }

  /** Twice as close with every call, and all of the crop again after a few. */
  cycleZoom(): void {
    if (this.#camera.scale > 5 * fitted(this.#scene.size, this.#window).scale) this.fit();
    else this.zoom(2);
  }

  zoom(factor: number, about?: Point): void {
    const at = about ?? { x: this.#window.width / 2, y: this.#window.height / 2 };
    this.#move(zoomed(this.#camera, at, factor, this.#scene.size, this.#window));
  }

  pointerDown(event: PointerEvent): void {
    this.#byMouse = event.pointerType === "mouse";
    this.#cursor = null;
    // A pulled card moves the canvas along: places are told from where it lay when it was touched.
    if (this.#touches.isIdle) this.#box = this.canvas.getBoundingClientRect();
    const pans = this.#settings.interaction === "look" || (this.#byMouse && event.button !== 0);
    this.#touches.down(event.pointerId, { x: event.clientX - this.#box.left, y: event.clientY - this.#box.top }, pans);
  }

  pointerMove(event: PointerEvent): void {
    // Where the browser gathered several places into one event, all of them are drawn.
    const all = this.#touches.isDrawing ? (event.getCoalescedEvents?.() ?? []) : [];
    for (const one of all.length > 0 ? all : [event]) this.#touches.move(event.pointerId, this.#placeOf(one));
  }

  pointerUp(event: PointerEvent): void {
    this.#touches.up(event.pointerId);
  }

  pointerCancel(event: PointerEvent): void {
    this.#touches.cancel(event.pointerId);
  }

  wheel(event: WheelEvent): void {
    this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), this.#placeOf(event));
  }

  /** Answers whether the key was one of the picture's. */
  key(event: KeyboardEvent): boolean {
    const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (event.key === "+" || event.key === "=") this.zoom(1.4, this.#cursorPlace());
    else if (event.key === "-") this.zoom(1 / 1.4, this.#cursorPlace());
    else if (event.key === "0") this.fit();
    else if (step && this.#settings.interaction !== "swipe") this.#moveCursor(step, event.shiftKey);
    else if (event.key === " " && this.#settings.interaction !== "swipe" && this.#settings.interaction !== "look") this.#pressKey();
    else return false;
    return true;
  }

  destroy(): void {
    cancelAnimationFrame(this.#asked);
  }

  // ------------------------------------------------------------ gestures

  #start(at: Point): void {
    this.#from = this.#finger = at;
    this.#path = [toImage(this.#camera, at)];
    this.#ask();
  }

  #extend(at: Point): void {
    this.#finger = at;
    const last = this.#path.at(-1);
    const here = toImage(this.#camera, at);
    if (this.#settings.interaction === "swipe" && this.#from) this.#handlers.onSwipe?.(at.x - this.#from.x, at.y - this.#from.y, false);
    if (!last || Math.hypot(here.x - last.x, here.y - last.y) * this.#camera.scale >= 1) this.#path.push(here);
    this.#ask();
  }

  #end(): void {
    const [path, from, to] = [this.#path, this.#from, this.#finger];
    this.#forget();
    if (!from || !to || path.length === 0) return;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    if (this.#settings.interaction === "draw") this.#handlers.onPath?.(path);
    if (this.#settings.interaction === "swipe") this.#handlers.onSwipe?.(dx, dy, true);
    if (this.#settings.interaction === "press") {
      this.#handlers.onPress?.(toImage(this.#camera, from), toImage(this.#camera, to), REACH_PX / this.#camera.scale, Math.hypot(dx, dy) > DRAG_PX);
    }
  }

  #drop(): void {
    if (this.#settings.interaction === "swipe") this.#handlers.onSwipe?.(0, 0, true);
    this.#forget();
  }

  #forget(): void {
    this.#path = [];
    this.#from = this.#finger = null;
    this.#ask();
  }

  // ------------------------------------------------------------ keys

  #moveCursor([dx, dy]: [number, number], far: boolean): void {
    const { width, height } = this.#scene.size;
    const by = Math.max(1, KEY_STEP_PX / this.#camera.scale) * (far ? 5 : 1);
    const from = this.#cursor ?? { x: width / 2, y: height / 2 };
    this.#cursor = { x: Math.min(width - 0.5, Math.max(0.5, from.x + dx * by)), y: Math.min(height - 0.5, Math.max(0.5, from.y + dy * by)) };
    if (this.#penDown) this.#path.push(this.#cursor);
    this.#ask();
  }

  /** Space puts the pen down and lifts it; where centres are asked for it taps. */
  #pressKey(): void {
    this.#cursor ??= { x: this.#scene.size.width / 2, y: this.#scene.size.height / 2 };
    if (this.#settings.interaction === "press") this.#handlers.onPress?.(this.#cursor, this.#cursor, REACH_PX / this.#camera.scale, false);
    else if (this.#penDown) {
      const path = this.#path;
      this.#penDown = false;
      this.#path = [];
      this.#handlers.onPath?.(path);
    } else {
      this.#penDown = true;
      this.#path = [this.#cursor];
    }
    this.#ask();
  }

  #cursorPlace(): Point | undefined {
    return this.#cursor ? { x: this.#cursor.x * this.#camera.scale + this.#camera.x, y: this.#cursor.y * this.#camera.scale + this.#camera.y } : undefined;
  }

  // ------------------------------------------------------------ painting

  #placeOf(event: MouseEvent): Point {
    const box = this.#touches.isIdle ? this.canvas.getBoundingClientRect() : this.#box;
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #move(camera: Camera): void {
    this.#camera = camera;
    this.#ask();
  }

  #ask(): void {
    if (this.#asked !== 0 || !this.#context) return;
    this.#asked = requestAnimationFrame(() => {
      this.#asked = 0;
      this.#paint();
    });
  }

  #paint(): void {
    const canvas = this.#context;
    if (!canvas) return;
    const ratio = globalThis.devicePixelRatio || 1;
    canvas.setTransform(ratio, 0, 0, ratio, 0, 0);
    canvas.clearRect(0, 0, this.#window.width, this.#window.height);
    const draft = this.#draft();
    paintScene(canvas, this.#picture, this.#scene, this.#camera, draft);
    const drawing = this.#settings.interaction === "draw" || this.#settings.interaction === "press";
    if (drawing && this.#finger && !this.#byMouse) paintLoupe(canvas, this.#picture, this.#scene, this.#camera, draft, this.#finger, this.#window);
    const cursor = this.#cursorPlace();
    if (cursor) paintCross(canvas, cursor);
  }

  #draft(): Draft | null {
    const { interaction, pen } = this.#settings;
    if (this.#path.length === 0 || interaction === "look" || interaction === "swipe") return null;
    return interaction === "press" ? { path: this.#path, kind: "press", diameter_px: 0 } : { path: this.#path, ...pen };
  }
}
