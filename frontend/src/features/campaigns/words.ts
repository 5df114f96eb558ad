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
  krippendorff_alpha: "Krippendorff's alpha",
  kappa: "Kappa",
  fleiss_kappa: "Fleiss' kappa",
  f1_50: "Object F1 at IoU 0.5",
  f1_75: "Object F1 at IoU 0.75",
  pq: "Panoptic quality",
  ap: "Average precision",
  iou: "Mean IoU",
  percent: "Same answer",
};

/** A measure's name in words; unknown ones with their underscores taken out. */
export function measureWords({ measure }: Pick<Measure, "measure">): string {
  const known = MEASURES[measure.toLowerCase()];
  const plain = measure.replaceAll("_", " ");
  return known ?? plain[0].toUpperCase() + plain.slice(1);
}

export const sharePercent = (value: number | null | undefined): string => (value == null ? "–" : `${Math.round(100 * value)} %`);
