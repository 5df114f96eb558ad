/** Fingers, pen and mouse over a picture: one draws, two pinch. A second finger takes back what the first began. */
import type { Point } from "@/editor/painting";

export interface TouchHandlers {
  start(at: Point): void;
  extend(at: Point): void;
  end(): void;
  /** What was begun is not meant. */
  drop(): void;
  pinch(from: readonly [Point, Point], to: readonly [Point, Point]): void;
  pan(dx: number, dy: number): void;
}

export class Touches {
  readonly #at = new Map<number, Point>();
  #mode: "idle" | "draw" | "pinch" | "pan" | "spent" = "idle";

  constructor(private readonly handlers: TouchHandlers) {}

  get isDrawing(): boolean {
    return this.#mode === "draw";
  }

  get isIdle(): boolean {
    return this.#at.size === 0;
  }

  down(id: number, at: Point, pans: boolean): void {
    this.#at.set(id, at);
    if (this.#at.size === 1) {
      this.#mode = pans ? "pan" : "draw";
      if (!pans) this.handlers.start(at);
    } else {
      if (this.#mode === "draw") this.handlers.drop();
      this.#mode = this.#at.size === 2 ? "pinch" : "spent";
    }
  }

  move(id: number, at: Point): void {
    const before = this.#at.get(id);
    if (!before) return;
    if (this.#mode === "pinch") {
      const from = this.#pair();
      this.#at.set(id, at);
      this.handlers.pinch(from, this.#pair());
      return;
    }
    this.#at.set(id, at);
    if (this.#mode === "draw") this.handlers.extend(at);
    if (this.#mode === "pan") this.handlers.pan(at.x - before.x, at.y - before.y);
  }

  up(id: number): void {
    if (!this.#at.delete(id)) return;
    if (this.#mode === "draw") this.handlers.end();
    // After a pinch nothing is drawn until all fingers have left.
    this.#mode = this.#at.size === 0 ? "idle" : "spent";
  }

  cancel(id: number): void {
    if (this.#mode === "draw" && this.#at.has(id)) this.handlers.drop();
    this.#at.delete(id);
    this.#mode = this.#at.size === 0 ? "idle" : "spent";
  }

  #pair(): [Point, Point] {
    const [a, b] = [...this.#at.values()];
    return [a, b];
  }
}
