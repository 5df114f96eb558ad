/** Which cells of a frame are meant: by what is known of them, or by a loop drawn around them. */
import { classesOf } from "./cell-labels";
import type { CellFacts } from "./edit";
import type { FactTable } from "./fact-table";
import type { CellMeasure, FrameLabels } from "./frame-labels";
import type { Point } from "./geometry";
import { fillPolygon } from "./polygon-fill";
import { areaOf } from "./runs";
import type { Runs } from "./runs";

/** All that is given must hold. Ranges have both ends inside. */
export interface Criteria {
  readonly area_px?: readonly [number, number];
  /** A model's predicted quality; a cell that a person has drawn has none and is never meant. */
  readonly quality?: readonly [number, number];
  /** The main class or a further one; null: cells without a class. */
  readonly class?: string | null;
  readonly uncertain?: boolean;
  readonly touchesBorder?: boolean;
  readonly locked?: boolean;
  readonly ignored?: boolean;
  /** Null: masks of the whole cell. */
  readonly channel?: number | null;
}

/** Ascending. Cells without facts are not there. */
export function cellsWhere(frame: FrameLabels, facts: FactTable, criteria: Criteria): number[] {
  const byFacts = frame.cellIds().filter((cell) => {
    const known = facts.get(cell);
    return known !== null && factsFit(known, criteria);
  });
  if (criteria.area_px === undefined && criteria.touchesBorder === undefined) return byFacts;
  return byFacts.filter((cell) => {
    const measure = frame.measure(cell);
    return measure !== null && measureFits(measure, frame, criteria);
  });
}

function factsFit(facts: CellFacts, criteria: Criteria): boolean {
  const { quality } = criteria;
  if (quality && (facts.quality === null || facts.quality < quality[0] || facts.quality > quality[1])) return false;
  if (criteria.class != null && !classesOf(facts).includes(criteria.class)) return false;
  if (criteria.class === null && facts.class !== null) return false;
  if (criteria.uncertain !== undefined && criteria.uncertain !== (facts.uncertain ?? false)) return false;
  return (["locked", "ignored", "channel"] as const).every((key) => criteria[key] === undefined || criteria[key] === facts[key]);
}

function measureFits({ area_px, bounds }: CellMeasure, frame: FrameLabels, criteria: Criteria): boolean {
  const [least, most] = criteria.area_px ?? [0, Infinity];
  if (area_px < least || area_px > most) return false;
  const touches = bounds.y_min === 0 || bounds.x_min === 0 || bounds.y_max === frame.height - 1 || bounds.x_max === frame.width - 1;
  return criteria.touchesBorder === undefined || criteria.touchesBorder === touches;
}

/** Cells with more than half of their pixels in the closed path, ascending. */
export function cellsInside(frame: FrameLabels, path: readonly Point[]): number[] {
  const loop = rowsOf(fillPolygon(path));
  const ys = [...loop.keys()];
  const [top, bottom] = [ys.reduce((a, b) => Math.min(a, b), Infinity), ys.reduce((a, b) => Math.max(a, b), -1)];
  return frame.cellIds().filter((cell) => {
    const measure = frame.measure(cell);
    if (!measure || measure.bounds.y_max < top || measure.bounds.y_min > bottom) return false;
    const runs = frame.runsOf(cell);
    return 2 * shared(runs, loop) > areaOf(runs);
  });
}

type Rows = ReadonlyMap<number, readonly (readonly [number, number])[]>;

function rowsOf(runs: Runs): Rows {
  const rows = new Map<number, [number, number][]>();
  for (let i = 0; i < runs.length; i += 3) {
    const row = rows.get(runs[i]) ?? [];
    rows.set(runs[i], row);
    row.push([runs[i + 1], runs[i + 1] + runs[i + 2]]);
  }
  return rows;
}

function shared(runs: Runs, rows: Rows): number {
  let area = 0;
  for (let i = 0; i < runs.length; i += 3) {
    const [x0, x1] = [runs[i + 1], runs[i + 1] + runs[i + 2]];
    for (const [from, to] of rows.get(runs[i]) ?? []) area += Math.max(0, Math.min(x1, to) - Math.max(x0, from));
  }
  return area;
}
