import type { Point } from "../types";

/** Points by step; one that comes again replaces the earlier. */
export function mergePoints(old: readonly Point[], news: readonly Point[]): Point[] {
  if (news.length === 0) return [...old];
  const byStep = new Map(old.map((point) => [point.step, point]));
  for (const point of news) byStep.set(point.step, point);
  return [...byStep.values()].sort((a, b) => a.step - b.step);
}

export interface Curve {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

export interface Chart {
  readonly title: string;
  readonly steps: readonly number[];
  readonly curves: readonly Curve[];
  /** Scores live between 0 and 1; losses have no upper end. */
  readonly unit: "loss" | "score";
}

/** Losses on one chart, validation scores on another: they share no scale. */
export function chartsOf(points: readonly Point[]): Chart[] {
  const names = [...new Set(points.flatMap((point) => Object.keys(point.values)))].sort();
  const losses = names.filter((name) => name.includes("loss"));
  const scores = names.filter((name) => name.startsWith("val_") && !name.includes("loss"));
  return [
    chart("Loss", "loss", losses, points),
    chart("Validation scores", "score", scores, points),
  ].filter((one) => one.curves.length > 0);
}

function chart(title: string, unit: Chart["unit"], names: readonly string[], points: readonly Point[]): Chart {
  const seen = points.filter((point) => names.some((name) => name in point.values));
  return {
    title,
    unit,
    steps: seen.map((point) => point.step),
    curves: names.map((name) => ({ name: readable(name), values: seen.map((point) => point.values[name] ?? null) })),
  };
}

const WORDS: Record<string, string> = {
  ap50: "AP at IoU 0.5",
  ap75: "AP at IoU 0.75",
  ap90: "AP at IoU 0.9",
  pq: "Panoptic quality",
  dice: "Dice",
  iou: "IoU",
  f1: "F1",
};

/** "val_ap50" → "AP at IoU 0.5". */
export function readable(name: string): string {
  const bare = name.replace(/^val_/, "");
  return WORDS[bare] ?? bare.replaceAll("_", " ");
}

/** Highest validation score so far and where; the first curve of the score chart. */
export function bestOf(points: readonly Point[], name: string): { value: number; step: number } | null {
  let best: { value: number; step: number } | null = null;
  for (const point of points) {
    const value = point.values[name];
    if (value !== undefined && (best === null || value > best.value)) best = { value, step: point.step };
  }
  return best;
}
