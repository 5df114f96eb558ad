/** Cells as points, for views of more of them than can be drawn. */
import type { Rect } from "../core/geometry";
import type { Stubs } from "../host";

/** A point can be taken from so far away, CSS px. */
const REACH_PX = 6;
const COLUMNS = 4;

export class StubLayer {
  readonly count: number;

  constructor(
    readonly stubs: Stubs,
    /** Image px for which they were read. */
    readonly rect: Rect,
  ) {
    this.count = stubs.rows.length / COLUMNS;
  }

  /** Some cells are left out: a smaller region would show more. */
  get isThinned(): boolean {
    return this.stubs.tilesRead < this.stubs.tilesInRange;
  }

  /** The cell whose disc holds this image point, or whose middle is nearest within reach. */
  at(x: number, y: number, zoom: number): number | null {
    const { rows } = this.stubs;
    const reach = (REACH_PX / zoom) ** 2;
    let [best, least] = [-1, Infinity];
    for (let i = 0; i < rows.length; i += COLUMNS) {
      const away = (rows[i + 1] + 0.5 - y) ** 2 + (rows[i + 2] + 0.5 - x) ** 2;
      if (away < least && away <= Math.max(reach, rows[i + 3] / Math.PI)) [best, least] = [i, away];
    }
    return best < 0 ? null : rows[best];
  }

  /** Image px that a cell's disc covers. */
  rectOf(cell: number): Rect | null {
    const { rows } = this.stubs;
    for (let i = 0; i < rows.length; i += COLUMNS) {
      if (rows[i] !== cell) continue;
      const [y, x, radius] = [rows[i + 1], rows[i + 2], Math.sqrt(rows[i + 3] / Math.PI) + 1];
      return { x0: x - radius, y0: y - radius, x1: x + radius + 1, y1: y + radius + 1 };
    }
    return null;
  }
}
