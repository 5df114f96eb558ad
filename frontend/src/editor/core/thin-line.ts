/** A path one pixel wide: every step goes to one of the eight neighbours and no corner is filled (no stairs). */
import type { Point } from "./geometry";
import type { EmitSpan } from "./rasterize";

interface Pixel {
  readonly x: number;
  readonly y: number;
}

const pixelOf = (point: Point): Pixel => ({ x: Math.floor(point.x), y: Math.floor(point.y) });
const touches = (a: Pixel, b: Pixel): boolean => Math.abs(a.x - b.x) <= 1 && Math.abs(a.y - b.y) <= 1;

export class ThinLine {
  /** Already painted. */
  #anchor: Pixel;
  /** Reached but not yet painted: it is left out when the next pixel touches the anchor. */
  #waiting: Pixel | null = null;

  constructor(
    start: Point,
    private readonly emit: EmitSpan,
  ) {
    this.#anchor = pixelOf(start);
    this.#paint(this.#anchor);
  }

  to(point: Point): void {
    const target = pixelOf(point);
    for (const pixel of straight(this.#waiting ?? this.#anchor, target)) this.#step(pixel);
  }

  /** Paints the pixel that was still waiting. */
  end(): void {
    if (this.#waiting) this.#paint(this.#waiting);
    this.#waiting = null;
  }

  #step(pixel: Pixel): void {
    if (this.#waiting && !touches(this.#anchor, pixel)) {
      this.#paint(this.#waiting);
      this.#anchor = this.#waiting;
    }
    this.#waiting = pixel;
  }

  #paint(pixel: Pixel): void {
    this.emit(pixel.y, pixel.x, pixel.x + 1);
  }
}

/** Bresenham's pixels after `from` up to and with `to`. */
function* straight(from: Pixel, to: Pixel): Generator<Pixel> {
  const [dx, dy] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
  const [sx, sy] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  let [x, y, error] = [from.x, from.y, dx - dy];
  while (x !== to.x || y !== to.y) {
    const twice = 2 * error;
    if (twice > -dy) [x, error] = [x + sx, error - dy];
    if (twice < dx) [y, error] = [y + sy, error + dx];
    yield { x, y };
  }
}
