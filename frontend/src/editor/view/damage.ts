/** Which part of the canvas no longer shows what it should. */
import { intersectionOf, isEmptyRect, unionOf } from "../core/geometry";
import type { Point, Rect } from "../core/geometry";

/** More rectangles than this cost more than what lies between them. */
const MOST_RECTS = 4;

const areaOf = (rect: Rect): number => (rect.x1 - rect.x0) * (rect.y1 - rect.y0);

/** Whole device pixels from the canvas's upper left corner: a few rectangles, for a picture that moves uncovers two strips. */
export class Damage {
  #rects: Rect[] = [];

  add(rect: Rect): void {
    let whole = { x0: Math.floor(rect.x0), y0: Math.floor(rect.y0), x1: Math.ceil(rect.x1), y1: Math.ceil(rect.y1) };
    if (isEmptyRect(whole)) return;
    for (let joined = this.#joinable(whole); joined >= 0; joined = this.#joinable(whole)) {
      whole = unionOf(whole, this.#rects[joined]);
      this.#rects.splice(joined, 1);
    }
    this.#rects.push(whole);
  }

  /** The rectangle that together with this one wastes little; when there are many already, the one that wastes least. */
  #joinable(rect: Rect): number {
    let [best, least] = [-1, this.#rects.length < MOST_RECTS ? 0 : Infinity];
    this.#rects.forEach((other, i) => {
      const waste = areaOf(unionOf(rect, other)) - areaOf(rect) - areaOf(other);
      if (waste <= least) [best, least] = [i, waste];
    });
    return best;
  }

  /** What was drawn has moved on the canvas, and what was wrong there with it. */
  shift({ x, y }: Point): void {
    this.#rects = this.#rects.map((r) => ({ x0: r.x0 + x, y0: r.y0 + y, x1: r.x1 + x, y1: r.y1 + y }));
  }

  /** What is to be drawn within the canvas as one rectangle, and forgets it. */
  take(width: number, height: number): Rect | null {
    const rects = this.takeAll(width, height);
    return rects.length === 0 ? null : rects.reduce(unionOf);
  }

  /** What is to be drawn within the canvas, and forgets it. */
  takeAll(width: number, height: number): readonly Rect[] {
    const canvas = { x0: 0, y0: 0, x1: width, y1: height };
    const rects = this.#rects.map((rect) => intersectionOf(rect, canvas)).filter((rect) => !isEmptyRect(rect));
    this.#rects = [];
    return rects;
  }

  get isEmpty(): boolean {
    return this.#rects.length === 0;
  }
}
