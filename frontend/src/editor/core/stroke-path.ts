/** Smooth path through pointer samples, without waiting for the next one. */
import type { Point } from "./geometry";

/** Distance between points put on a curve, px. */
const STEP_PX = 2;
const MOST_STEPS = 64;

export class StrokePath {
  #last: Point;
  #before: Point | null = null;

  constructor(start: Point) {
    this.#last = start;
  }

  /**
   * Points from the last sample (not in the answer) to the new one (its last): a cubic Hermite that leaves the last
   * sample along the Catmull-Rom tangent and reaches the new one along the chord, the only direction known there yet.
   */
  to(next: Point): Point[] {
    const [from, before] = [this.#last, this.#before ?? this.#last];
    if (from.x === next.x && from.y === next.y) return [];
    this.#before = from;
    this.#last = next;
    const chord = { x: next.x - from.x, y: next.y - from.y };
    const tangent = limited({ x: (next.x - before.x) / 2, y: (next.y - before.y) / 2 }, chord);
    const steps = Math.min(MOST_STEPS, Math.max(1, Math.ceil(Math.hypot(chord.x, chord.y) / STEP_PX)));
    return Array.from({ length: steps }, (_, i) => hermite(from, next, tangent, chord, (i + 1) / steps));
  }
}

/** A long step before a short one must not make the curve swing out: tangents are no longer than the chord. */
function limited(tangent: Point, chord: Point): Point {
  const [length, most] = [Math.hypot(tangent.x, tangent.y), Math.hypot(chord.x, chord.y)];
  const shrink = length > most ? most / length : 1;
  return { x: tangent.x * shrink, y: tangent.y * shrink };
}

function hermite(a: Point, b: Point, ta: Point, tb: Point, u: number): Point {
  if (u === 1) return b;
  const [u2, u3] = [u * u, u * u * u];
  const [h0, h1, h2, h3] = [2 * u3 - 3 * u2 + 1, -2 * u3 + 3 * u2, u3 - 2 * u2 + u, u3 - u2];
  return { x: h0 * a.x + h1 * b.x + h2 * ta.x + h3 * tb.x, y: h0 * a.y + h1 * b.y + h2 * ta.y + h3 * tb.y };
}
