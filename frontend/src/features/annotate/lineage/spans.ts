/** Where a cell begins and ends, and which of its frames is nearest. */
import type { FrameRanges } from "@/editor";

export const firstOf = (spans: FrameRanges): number => spans[0] ?? 0;
export const lastOf = (spans: FrameRanges): number => spans.at(-1) ?? 0;

/** The frame of the cell that is nearest to t. */
export function nearestFrame(spans: FrameRanges, t: number): number {
  let [best, away] = [firstOf(spans), Infinity];
  for (let i = 0; i < spans.length; i += 2) {
    const near = Math.min(Math.max(t, spans[i] ?? 0), spans[i + 1] ?? 0);
    if (Math.abs(near - t) < away) [best, away] = [near, Math.abs(near - t)];
  }
  return best;
}
