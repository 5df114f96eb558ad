import type { Tone } from "@/ui/palette";
import type { Measure, Rating } from "./queries";

export const STAGE_WORDS: Record<Rating["stage"], { tone: Tone; word: string }> = {
  WAITING: { tone: "quiet", word: "Waits" },
  UNDER_WAY: { tone: "busy", word: "Under way" },
  READY: { tone: "wait", word: "To settle" },
  SETTLED: { tone: "good", word: "Settled" },
};

const NAMES: Record<string, string> = {
  f1_50: "F1 at IoU 0.5",
  f1_60: "F1 at IoU 0.6",
  f1_70: "F1 at IoU 0.7",
  f1_80: "F1 at IoU 0.8",
  f1_90: "F1 at IoU 0.9",
  pq: "PQ",
  mean_iou: "Mean IoU",
  kappa: "Kappa of classes",
};

export interface Drawn extends Measure {
  readonly key: string;
  readonly name: string;
}

/** The measures in the order in which they are drawn; those that are not there are left out. */
export function inOrder(measures: Readonly<Record<string, Measure>>): Drawn[] {
  return Object.entries(NAMES).flatMap(([key, name]) => {
    const found = measures[key];
    return found ? [{ ...found, key, name }] : [];
  });
}

/** `.87 (.81 to .92)`; of a single image there is no interval. */
export function said({ value, low, high }: Measure): string {
  return low === null || high === null ? value.toFixed(3) : `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}
