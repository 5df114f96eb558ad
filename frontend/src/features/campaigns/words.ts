import type { Tone } from "@/ui/palette";
import type { CampaignState, Measure, Worker } from "./queries";

export const STATE_WORDS: Record<CampaignState, { word: string; tone: Tone; sentence: string }> = {
  DRAFT: { word: "Draft", tone: "quiet", sentence: "Nobody can answer yet: open it when all is ready." },
  OPEN: { word: "Open", tone: "good", sentence: "Everybody with the link can answer." },
  PAUSED: { word: "Paused", tone: "wait", sentence: "Nothing is handed out; answers on their way are still taken." },
  CLOSED: { word: "Closed", tone: "busy", sentence: "No more answers are taken. The results stay." },
};

export const WORKER_WORDS: Record<Worker["state"], { word: string; tone: Tone }> = {
  TRAINING: { word: "Practising", tone: "wait" },
  WORKING: { word: "At work", tone: "good" },
  FINISHED: { word: "Finished", tone: "busy" },
  REFUSED: { word: "Did not pass", tone: "quiet" },
  EXCLUDED: { word: "Excluded", tone: "bad" },
};

const MEASURES: Record<string, string> = {
  alpha: "Krippendorff's alpha",
  fleiss: "Fleiss' kappa",
  cohen: "Cohen's kappa, mean of pairs",
  pq: "Panoptic quality",
  f1_points: "F1 of the clicks",
  distance_px: "Between clicks of one cell, px",
  mean_ap: "Average precision, all overlaps",
};

const F1 = /^f1_(\d+)$/;

/** Object F1 at one overlap (IoU). */
export interface Step {
  readonly iou: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Is it a share, from 0 to 1 (agreement beyond chance may lie below 0)? Distances are none. */
export const isShare = ({ measure }: Pick<Measure, "measure">): boolean => !measure.endsWith("_px");

/** Is it a number of its own, not one of a row of overlaps? */
export const isSingle = ({ measure }: Pick<Measure, "measure">): boolean => !F1.test(measure) && !/^ap_\d+$/.test(measure);

export function f1Steps(measures: readonly Measure[]): Step[] {
  return measures
    .flatMap(({ measure, value, low, high }) => {
      const percent = F1.exec(measure)?.[1];
      return percent && value !== null ? [{ iou: Number(percent) / 100, value, low: low ?? value, high: high ?? value }] : [];
    })
    .sort((a, b) => a.iou - b.iou);
}

/** A measure's name in words; unknown ones with their underscores taken out. */
export function measureWords({ measure }: Pick<Measure, "measure">): string {
  const known = MEASURES[measure.toLowerCase()];
  const plain = measure.replaceAll("_", " ");
  return known ?? plain[0].toUpperCase() + plain.slice(1);
}

export const sharePercent = (value: number | null | undefined): string => (value == null ? "–" : `${Math.round(100 * value)} %`);
