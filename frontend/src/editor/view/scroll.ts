/** A moved camera moves the picture: by whole device pixels what is drawn already can be moved along. */
import type { Camera } from "../door";
import type { Point, Rect } from "../core/geometry";

/** Device px by which a step may miss whole pixels: what adding up fractions costs. */
const TOLERANCE_PX = 0.01;

export class Scroll {
  /** Where the camera was when steps began to be counted: errors of many steps do not add up. */
  #anchor: Camera | null = null;
  #counted: Point = { x: 0, y: 0 };
  #pending: Point = { x: 0, y: 0 };

  /** The step of the picture in whole device pixels; null when all is to be drawn anew. */
  step(before: Camera, after: Camera, density: number): Point | null {
    if (this.#anchor === null) [this.#anchor, this.#counted] = [before, { x: 0, y: 0 }];
    const scale = after.zoom * density;
    const exact = { x: (this.#anchor.x - after.x) * scale, y: (this.#anchor.y - after.y) * scale };
    const now = { x: Math.round(exact.x), y: Math.round(exact.y) };
    const misses = Math.max(Math.abs(now.x - exact.x), Math.abs(now.y - exact.y)) > TOLERANCE_PX;
    if (misses || before.zoom !== after.zoom || this.#anchor.zoom !== after.zoom) {
      this.#anchor = null;
      return null;
    }
    const step = { x: now.x - this.#counted.x, y: now.y - this.#counted.y };
    this.#counted = now;
    this.#pending = { x: this.#pending.x + step.x, y: this.#pending.y + step.y };
    return step;
  }

  /** All steps since the last draw. */
  take(): Point {
    const step = this.#pending;
    this.#pending = { x: 0, y: 0 };
    return step;
  }
}

/** What a step uncovers at the edges of the canvas. */
export function uncovered({ x, y }: Point, width: number, height: number): Rect[] {
  const strips: Rect[] = [];
  if (x !== 0) strips.push({ x0: x > 0 ? 0 : width + x, x1: x > 0 ? x : width, y0: 0, y1: height });
  if (y !== 0) strips.push({ x0: 0, x1: width, y0: y > 0 ? 0 : height + y, y1: y > 0 ? y : height });
  return strips;
}
