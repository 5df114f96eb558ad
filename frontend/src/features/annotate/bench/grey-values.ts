import type { ChannelView, Histogram, LabelDocument } from "@/editor";

/**
 * Ends of a contrast slider: what the picture really holds, widened to what is set, so that a 12-bit image in 16-bit
 * numbers does not squeeze everything into the first tenth of the slider.
 */
export function spanOf(pixelType: LabelDocument["pixelType"], view: ChannelView, histogram: Histogram | null): [number, number] {
  if (pixelType === "uint8") return [0, 255];
  const low = Math.min(view.min, histogram?.min ?? view.min);
  const high = Math.max(view.max + (view.max - view.min) * 0.2, histogram?.max ?? 0);
  return high > low ? [low, high] : [low, low + 1];
}

/** Whole numbers as they are; fractions with four digits. */
export function formatGrey(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/** Heights 0 … 1 of `bars` bars; logarithmic where background pixels would hide all others. */
export function barHeights(counts: ArrayLike<number>, bars: number, logarithmic = true): number[] {
  const sums = new Array<number>(bars).fill(0);
  for (let at = 0; at < counts.length; at += 1) {
    const bar = Math.floor((at * bars) / counts.length);
    sums[bar] = (sums[bar] ?? 0) + (counts[at] ?? 0);
  }
  const scale = logarithmic ? Math.log1p : (n: number) => n;
  const top = scale(Math.max(1, ...sums));
  return sums.map((sum) => scale(sum) / top);
}

/** A step that a handle takes at one key press: a whole grey value, or a fraction of the span. */
export const greyStep = (pixelType: LabelDocument["pixelType"], [low, high]: readonly [number, number]): number =>
  pixelType === "float32" ? (high - low) / 500 : Math.max(1, Math.round((high - low) / 500));
