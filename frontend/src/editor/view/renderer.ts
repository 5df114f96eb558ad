/** Joins all that changed into one draw a frame, and draws only what changed. */
import { toCanvas } from "./camera";
import type { Camera } from "../door";
import { Damage } from "./damage";
import type { Scene } from "./scene";
import type { Screen } from "./screen";
import { Scroll, uncovered } from "./scroll";
import { unionOf } from "../core/geometry";
import type { Rect, TileKey } from "../core/geometry";
import { LabelPass } from "./webgl/label-pass";
import { Picture } from "./webgl/picture";
import { PixelPass } from "./webgl/pixel-pass";
import { deviceSize } from "./webgl/place";
import { GraphicsError } from "./webgl/program";

/** Outlines and the pen reach this far over what they belong to, CSS px. */
const MARGIN_PX = 5;

interface Passes {
  readonly pixels: PixelPass;
  readonly labels: LabelPass;
  /** Channels composed. */
  readonly picture: Picture;
  /** What the canvas shows: kept, so that it can be moved along. */
  readonly shown: Picture;
}

export class Renderer implements Screen {
  readonly #gl: WebGL2RenderingContext;
  readonly #base = new Damage();
  readonly #ids = new Damage();
  readonly #top = new Damage();
  readonly #changed = new Map<TileKey, Rect>();
  #passes: Passes | null = null;
  readonly #scroll = new Scroll();
  #width = 0;
  #height = 0;
  #asked = 0;
  #waiting: (() => void)[] = [];
  readonly #unbind: () => void;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    /** Null while there is nothing to draw. */
    private readonly scene: () => Scene | null,
    private readonly pixelBytes: number,
    private readonly onError: (error: unknown) => void,
  ) {
    const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, preserveDrawingBuffer: true });
    if (!gl) throw new GraphicsError("This browser offers no WebGL2; switch on hardware or software graphics in its settings.");
    this.#gl = gl;
    this.#unbind = this.#watchLoss();
  }

  // ------------------------------------------------------------ what changed

  /** Camera, channels, frame, size: everything. */
  invalidate(): void {
    this.#all(this.#base, this.#ids, this.#top);
  }

  /** The camera has moved: what is drawn moves along where it can, and only what it uncovers is drawn anew. */
  moved(before: Camera, after: Camera): void {
    const density = this.scene()?.size.density ?? 1;
    const step = this.#passes && this.#scroll.step(before, after, density);
    if (!step) return this.invalidate();
    for (const damage of [this.#base, this.#ids]) {
      damage.shift(step);
      for (const strip of uncovered(step, this.#width, this.#height)) damage.add(strip);
    }
    this.#top.shift(step);
    // Where the canvas ended no outline was seen.
    for (const strip of uncovered(step, this.#width, this.#height)) this.#top.add(grown(strip, MARGIN_PX * density));
    this.#ask();
  }

  /** Only how labels are painted: overlay settings. */
  invalidateLabels(): void {
    this.#all(this.#top);
  }

  #all(...damages: readonly Damage[]): void {
    for (const damage of damages) damage.add({ x0: 0, y0: 0, x1: this.canvas.width, y1: this.canvas.height });
    this.#ask();
  }

  /** Pixels of the base picture have come for a rectangle of the image. */
  invalidateBase(rect: Rect): void {
    const device = this.#deviceRect(rect, 1);
    if (device) this.#base.add(device);
    this.invalidateRect(rect);
  }

  /** Something over a rectangle of the image looks different: hover, pen. */
  invalidateRect(rect: Rect): void {
    const device = this.#deviceRect(rect, MARGIN_PX);
    if (device) this.#top.add(device);
    this.#ask();
  }

  /** Labels were written within one tile. */
  labelsChanged(key: TileKey, rect: Rect): void {
    const before = this.#changed.get(key);
    this.#changed.set(key, before ? unionOf(before, rect) : rect);
    const device = this.#deviceRect(rect, 1);
    if (device) this.#ids.add(device);
    this.invalidateRect(rect);
  }

  /** Labels of the shown frame were replaced as a whole. */
  labelsReplaced(): void {
    this.#changed.clear();
    this.#passes?.labels.forget();
    this.#all(this.#ids, this.#top);
  }

  /** Labels of a rectangle of the image have come, or points instead of them. */
  regionCame(rect: Rect): void {
    this.#passes?.labels.forgetWithin(rect);
    const device = this.#deviceRect(rect, 1);
    if (device) this.#ids.add(device);
    this.invalidateRect(rect);
  }

  /** Another document: nothing of the old one may be shown. */
  clear(): void {
    this.#passes?.pixels.clear();
    this.labelsReplaced();
    this.invalidate();
  }

  #deviceRect(rect: Rect, margin: number): Rect | null {
    const scene = this.scene();
    if (!scene) return null;
    const { camera, size } = scene;
    const [from, to] = [toCanvas(camera, size, { x: rect.x0, y: rect.y0 }), toCanvas(camera, size, { x: rect.x1, y: rect.y1 })];
    const px = (value: number): number => value * size.density;
    return { x0: px(from.x - margin), y0: px(from.y - margin), x1: px(to.x + margin), y1: px(to.y + margin) };
  }

  // ------------------------------------------------------------ drawing

  #ask(): void {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      this.#drawSafely();
    });
  }

  /** Resolves after the draw that is due, at once when none is. */
  drawn(): Promise<void> {
    if (this.#asked === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #drawSafely(): void {
    try {
      const scene = this.scene();
      if (scene && !this.#gl.isContextLost()) this.#draw(scene);
    } catch (error) {
      this.onError(error);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #draw(scene: Scene): void {
    const passes = (this.#passes ??= this.#makePasses());
    const { pixels, labels, picture, shown } = passes;
    const [width, height] = deviceSize(scene);
    if (this.canvas.width !== width || this.canvas.height !== height || !picture.texture) this.#resize(passes, width, height);
    const gl = this.#gl;
    gl.viewport(0, 0, width, height);
    gl.enable(gl.SCISSOR_TEST);
    const isMoved = this.#moveAlong(passes);
    for (const rect of this.#base.takeAll(width, height)) {
      picture.bind();
      pixels.draw(scene, rect);
    }
    pixels.rest();
    for (const rect of labels.prepare(scene, this.#changed)) this.#cellsTurned(rect);
    this.#changed.clear();
    for (const rect of this.#ids.takeAll(width, height)) labels.drawIds(scene, rect);
    const damage = this.#top.takeAll(width, height);
    shown.bind();
    for (const rect of damage) labels.draw(scene, picture.texture, rect);
    gl.disable(gl.SCISSOR_TEST);
    for (const rect of isMoved ? [{ x0: 0, y0: 0, x1: width, y1: height }] : damage) shown.show(rect);
  }

  /** Other cells than before are drawn where many overlap. */
  #cellsTurned(rect: Rect): void {
    const device = this.#deviceRect(rect, 1);
    for (const damage of device ? [this.#ids, this.#top] : []) if (device) damage.add(device);
  }

  #moveAlong({ picture, labels, shown }: Passes): boolean {
    const step = this.#scroll.take();
    if (step.x === 0 && step.y === 0) return false;
    picture.move(step);
    labels.move(step);
    shown.move(step);
    return true;
  }

  #makePasses(): Passes {
    const gl = this.#gl;
    return { pixels: new PixelPass(gl, this.pixelBytes), labels: new LabelPass(gl), picture: new Picture(gl, gl.RGBA8), shown: new Picture(gl, gl.RGBA8) };
  }

  #resize({ picture, labels, shown }: Passes, width: number, height: number): void {
    [this.canvas.width, this.canvas.height] = [width, height];
    [this.#width, this.#height] = [width, height];
    this.#scroll.take();
    picture.resize(width, height);
    labels.resize(width, height);
    shown.resize(width, height);
    for (const damage of [this.#base, this.#ids, this.#top]) damage.add({ x0: 0, y0: 0, x1: width, y1: height });
  }

  // ------------------------------------------------------------ losing the card

  /** Everything on the card can be made again from what is in the tab. */
  #watchLoss(): () => void {
    const lost = (event: Event): void => {
      event.preventDefault();
      this.#passes = null;
    };
    const restored = (): void => this.invalidate();
    this.canvas.addEventListener("webglcontextlost", lost);
    this.canvas.addEventListener("webglcontextrestored", restored);
    return () => {
      this.canvas.removeEventListener("webglcontextlost", lost);
      this.canvas.removeEventListener("webglcontextrestored", restored);
    };
  }

  destroy(): void {
    cancelAnimationFrame(this.#asked);
    this.#unbind();
    this.#passes?.pixels.clear();
    this.#passes?.labels.destroy();
    this.#passes?.picture.destroy();
    this.#passes?.shown.destroy();
  }
}

const grown = ({ x0, y0, x1, y1 }: Rect, by: number): Rect => ({ x0: x0 - by, y0: y0 - by, x1: x1 + by, y1: y1 + by });
