/** Measurements over time, made of frames as the server tells them. Pure. */
import type { Frame } from "./queries";

export interface CellRow {
  key: string;
  t: number;
  cell: number;
  values: Record<string, number | string | null>;
}

/** A cell's values of one measurement, by frame. */
export interface Series {
  cell: number;
  points: readonly (readonly [t: number, value: number])[];
}

const NOT_DRAWN: ReadonlySet<string> = new Set(["t", "cell", "mother", "class", "z_px", "y_px", "x_px"]);
const FIRST = ["area_um2", "volume_um3", "area_px", "speed_um_s", "speed_px"];
const MOST_DRAWN = 4;

/** Columns that can be drawn, in the order of the table. */
export function drawable(frames: readonly Frame[]): string[] {
  const names = Object.keys(frames.find((one) => Object.keys(one.columns).length > 0)?.columns ?? {});
  return names.filter((name) => !NOT_DRAWN.has(name));
}

/** What is shown before anybody chooses: a size, the light of two channels, a speed, neighbours. */
export function usual(names: readonly string[]): string[] {
  const size = FIRST.slice(0, 3).find((name) => names.includes(name));
  const speed = FIRST.slice(3).find((name) => names.includes(name));
  const light = names.filter((name) => name.startsWith("mean_")).slice(0, 2);
  return [size, ...light, speed, "neighbours"].filter((name): name is string => name !== undefined && names.includes(name)).slice(0, MOST_DRAWN + 1);
}

export function rowsOf(frames: readonly Frame[]): CellRow[] {
  return frames.flatMap(({ t, columns }) =>
    (columns.cell ?? []).map((cell, at) => ({
      key: `${t} ${cell}`,
      t,
      cell: Number(cell),
      values: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[at] ?? null])),
    })),
  );
}

export function seriesOf(frames: readonly Frame[], name: string): Series[] {
  const cells = new Map<number, [number, number][]>();
  for (const { t, columns } of frames) {
    const values = columns[name] ?? [];
    columns.cell?.forEach((cell, at) => {
      const value = values[at];
      if (typeof value !== "number") return;
      const points = cells.get(Number(cell));
      if (points) points.push([t, value]);
      else cells.set(Number(cell), [[t, value]]);
    });
  }
  return [...cells].map(([cell, points]) => ({ cell, points }));
}

/** The middle of all cells in each frame that has any. */
export function medians(series: readonly Series[]): [t: number, value: number][] {
  const frames = new Map<number, number[]>();
  for (const { points } of series) for (const [t, value] of points) frames.set(t, [...(frames.get(t) ?? []), value]);
  return [...frames].sort(([a], [b]) => a - b).map(([t, values]) => [t, middle(values.sort((a, b) => a - b))]);
}

function middle(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half) - 1] ?? 0)) / 2;
}

/** The smallest and the largest value, apart even where all are one. */
export function reach(series: readonly Series[]): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { points } of series) {
    for (const [, value] of points) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return [0, 1];
  return low === high ? [low - 1, high + 1] : [low, high];
}
