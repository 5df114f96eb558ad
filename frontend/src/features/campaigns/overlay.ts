/** Where the answers to one item agree and where they do not. Pure. */
import { lineOfRows } from "@/microtasks/rows";
import { choiceIn, masksIn, pointsIn } from "@/microtasks/compare";
import type { Place, Value } from "@/microtasks/types";
import { ROW } from "@/editor/painting";

/** How many answers cover each pixel, row by row. */
export function coverage(values: readonly Value[], height: number, width: number): Uint16Array {
  const counts = new Uint16Array(height * width);
  for (const value of values) {
    const seen = new Uint8Array(height * width);
    for (const rows of masksIn(value)) {
      const line = lineOfRows(rows);
      for (let i = 0; i < line.length; i += 2) {
        const y = Math.floor(line[i] / ROW);
        if (y < height) seen.fill(1, y * width + Math.min(width, line[i] - y * ROW), y * width + Math.min(width, line[i + 1] - y * ROW));
      }
    }
    for (let i = 0; i < counts.length; i++) counts[i] += seen[i];
  }
  return counts;
}

/** Red, green, blue, alpha of each pixel: nothing where all agree, brightest where half say yes. */
export function ambiguityPicture(counts: Uint16Array, answers: number): Uint8ClampedArray<ArrayBuffer> {
  const picture = new Uint8ClampedArray(counts.length * 4);
  for (let i = 0; i < counts.length; i++) {
    const share = answers === 0 ? 0 : counts[i] / answers;
    // The Bernoulli variance, 1 at one half.
    const doubt = 4 * share * (1 - share);
    picture.set([255, 138, 79, Math.round(220 * doubt)], 4 * i);
  }
  return picture;
}

export const allPoints = (values: readonly Value[]): Place[] => values.flatMap((value) => [...pointsIn(value)]);

/** How often each choice was given, the most frequent first. */
export function tally(values: readonly Value[]): { choice: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(choiceIn(value), (counts.get(choiceIn(value)) ?? 0) + 1);
  return [...counts].map(([choice, count]) => ({ choice, count })).sort((a, b) => b.count - a.count);
}
