/** The whole view without WebGL: slower, the same picture. For browsers and machines that offer no graphics at all. */
import { unionOf } from "@/editor/core/geometry";
import type { Rect, TileKey } from "@/editor/core/geometry";
import { toCanvas } from "../camera";
import { Damage } from "../damage";
import type { Scene } from "../scene";
import type { Screen } from "../screen";
import { deviceSize } from "../webgl/place";
import { composeBase } from "./base-picture";
import type { Colours } from "./base-picture";
import { paintLabels } from "./label-picture";

/** Outlines and the pen reach this far over what they belong to, CSS px. */
const MARGIN_PX = 5;

export class SoftwareScreen implements Screen {
  readonly #context: CanvasRenderingContext2D;
  readonly #base = new Damage();
  readonly #top = new Damage();
  #picture: Colours | null = null;
  #asked = 0;
  #waiting: (() => void)[] = [];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly scene: () => Scene | null,
    private readonly onError: (error: unknown) => void,
  ) {
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("This browser can draw no pictures at all; try another one.");
    this.#context = context;
  }

  invalidate(): void {
    this.#all(this.#base, this.#top);
  }

  moved(): void {
    this.invalidate();
  }

  invalidateLabels(): void {
    this.#all(this.#top);
  }

  #all(...damages: readonly Damage[]): void {
    for (const damage of damages) damage.add({ x0: 0, y0: 0, x1: this.canvas.width, y1: this.canvas.height });
    this.#ask();
  }

  invalidateBase(rect: Rect): void {
    const device = this.#deviceRect(rect, 1);
    if (device) this.#base.add(device);
    this.invalidateRect(rect);
  }

  invalidateRect(rect: Rect): void {
    const device = this.#deviceRect(rect, MARGIN_PX);
    if (device) this.#top.add(device);
    this.#ask();
  }

  labelsChanged(_key: TileKey, rect: Rect): void {
    this.invalidateRect(rect);
  }

  regionCame(rect: Rect): void {
    this.invalidateRect(rect);
  }

  labelsReplaced(): void {
    this.invalidateLabels();
  }

  clear(): void {
    this.#picture = null;
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

  #ask(): void {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      try {
        const scene = this.scene();
        if (scene) this.#draw(scene);
      } catch (error) {
        this.onError(error);
      }
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve();
    });
  }

  drawn(): Promise<void> {
    if (this.#asked === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #draw(scene: Scene): void {
    const [width, height] = deviceSize(scene);
    const whole = { x0: 0, y0: 0, x1: width, y1: height };
    const fresh = this.canvas.width !== width || this.canvas.height !== height || !this.#picture;
    if (fresh) [this.canvas.width, this.canvas.height] = [width, height];
    const [base, top] = [this.#base.take(width, height), this.#top.take(width, height)];
    const picture = fresh ? composeBase(scene, whole) : this.#renew(scene, base);
    this.#picture = picture;
    const shown = fresh ? whole : base && top ? unionOf(base, top) : (top ?? base);
    if (shown) this.#show(scene, partOf(picture, shown));
  }

  #renew(scene: Scene, base: Rect | null): Colours {
    const picture = this.#picture ?? composeBase(scene, { x0: 0, y0: 0, x1: this.canvas.width, y1: this.canvas.height });
    if (base) put(composeBase(scene, base), picture);
    return picture;
  }

  #show(scene: Scene, part: Colours): void {
    paintLabels(scene, part);
    const { x0, y0, x1, y1 } = part.area;
    const image = new ImageData(x1 - x0, y1 - y0);
    for (let from = 0, to = 0; from < part.rgb.length; from += 3, to += 4) {
      image.data[to] = part.rgb[from];
      image.data[to + 1] = part.rgb[from + 1];
      image.data[to + 2] = part.rgb[from + 2];
      image.data[to + 3] = 255;
    }
    this.#context.putImageData(image, x0, y0);
  }

  destroy(): void {
    cancelAnimationFrame(this.#asked);
    this.#picture = null;
  }
}

/** A copy of a rectangle of a picture. */
function partOf(picture: Colours, area: Rect): Colours {
  const part = { area, rgb: new Float32Array((area.x1 - area.x0) * (area.y1 - area.y0) * 3) };
  eachRow(picture.area, area, (of, from, length) => part.rgb.set(picture.rgb.subarray(of, of + length), from));
  return part;
}

/** Lays a part into the picture that it belongs to. */
function put(part: Colours, picture: Colours): void {
  eachRow(picture.area, part.area, (of, from, length) => picture.rgb.set(part.rgb.subarray(from, from + length), of));
}

/** Rows of a part within a whole: where a row begins in the whole's and in the part's colours, and its length. */
function eachRow(whole: Rect, part: Rect, visit: (of: number, from: number, length: number) => void): void {
  const length = (part.x1 - part.x0) * 3;
  for (let y = part.y0; y < part.y1; y++) {
    visit(((y - whole.y0) * (whole.x1 - whole.x0) + part.x0 - whole.x0) * 3, (y - part.y0) * length, length);
  }
}
