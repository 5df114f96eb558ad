/** The centres of one answer while they are tapped: pure, every step can be taken back. */
import type { Point } from "@/editor/painting";

export interface Centres {
  readonly points: readonly Point[];
  readonly past: readonly (readonly Point[])[];
  readonly future: readonly (readonly Point[])[];
}

export const startCentres = (points: readonly Point[] = []): Centres => ({ points, past: [], future: [] });

/** Index of the nearest point within reach; -1 for none. */
export function pointNear(points: readonly Point[], at: Point, reach_px: number): number {
  let [best, least] = [-1, reach_px];
  points.forEach((point, i) => {
    const away = Math.hypot(point.x - at.x, point.y - at.y);
    if (away <= least) [best, least] = [i, away];
  });
  return best;
}

/** A press and its release: on free ground a new centre where it ended; on a centre, away with it, or moved when dragged. */
export function withPress(centres: Centres, from: Point, to: Point, reach_px: number, dragged: boolean, size: { height: number; width: number }): Centres {
  const end = { x: Math.min(size.width - 0.01, Math.max(0, to.x)), y: Math.min(size.height - 0.01, Math.max(0, to.y)) };
  const at = pointNear(centres.points, from, reach_px);
  if (at < 0) return step(centres, [...centres.points, end]);
  if (dragged) return step(centres, centres.points.map((point, i) => (i === at ? end : point)));
  return step(centres, centres.points.filter((_, i) => i !== at));
}

const step = ({ points, past }: Centres, next: readonly Point[]): Centres => ({ points: next, past: [...past, points], future: [] });

export function undoneCentres({ points, past, future }: Centres): Centres {
  const last = past.at(-1);
  return last ? { points: last, past: past.slice(0, -1), future: [...future, points] } : { points, past, future };
}

export function redoneCentres({ points, past, future }: Centres): Centres {
  const next = future.at(-1);
  return next ? { points: next, past: [...past, points], future: future.slice(0, -1) } : { points, past, future };
}
