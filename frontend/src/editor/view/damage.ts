/** Which part of the canvas no longer shows what it should. */
import { intersectionOf, isEmptyRect, unionOf } from "../core/geometry";
import type { Rect } from "../core/geometry";

/** Whole device pixels from the canvas's upper left corner. One rectangle: brush and cursor lie together anyway. */
export class Damage {
  #rect: Rect | null = null;

  add(rect: Rect): void {
    const whole = { x0: Math.floor(rect.x0), y0: Math.floor(rect.y0), x1: Math.ceil(rect.x1), y1: Math.ceil(rect.y1) };
    if (!isEmptyRect(whole)) this.#rect = this.#rect ? unionOf(this.#rect, whole) : whole;
  }

  /** What is to be drawn within the canvas, and forgets it. */
  take(width: number, height: number): Rect | null {
    const rect = this.#rect && intersectionOf(this.#rect, { x0: 0, y0: 0, x1: width, y1: height });
    this.#rect = null;
    return rect && !isEmptyRect(rect) ? rect : null;
  }

  get isEmpty(): boolean {
    return this.#rect === null;
  }
}
