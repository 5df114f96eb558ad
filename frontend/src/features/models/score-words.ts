import type { Scores } from "./types";

const WORDS: Record<string, string> = {
  ap50: "AP at IoU 0.5",
  ap75: "AP at IoU 0.75",
  ap90: "AP at IoU 0.9",
  pq: "Panoptic quality",
  macro_f1: "F1, mean of the classes",
  balanced_accuracy: "Accuracy, mean of the classes",
  accuracy: "Accuracy",
  ece: "Calibration error (lower is better)",
  ece_uncalibrated: "Calibration error before calibration",
  nll: "Negative log-likelihood",
  dice: "Dice",
  iou: "IoU",
  f1: "F1",
  precision: "Precision",
  recall: "Recall",
  seg: "SEG of the Cell Tracking Challenge",
  mean_r: "Pearson r, mean of the channels",
  cells: "Cells compared",
  frames: "Frames compared",
};

const ORDER = Object.keys(WORDS);

/** Scores that lie between 0 and 1, the known ones first and in a fixed order; counts and losses are not drawn as bars. */
export function drawable(scores: Record<string, number> | undefined): { name: string; label: string; value: number }[] {
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return Object.entries(scores ?? {})
    .filter(([name, value]) => value >= 0 && value <= 1 && !name.includes("loss") && !/^((mae|width|f1|precision|recall)_|ece|nll)/.test(name))
    .sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b))
    .map(([name, value]) => ({ name, label: scoreLabel(name), value }));
}

export function scoreLabel(name: string): string {
  return WORDS[name] ?? channelScore(name) ?? name.replaceAll("_", " ");
}

const OF_CHANNELS: Record<string, string> = { r: "Pearson r", ssim: "SSIM", mae: "Mean error", coverage: "Coverage of the interval", width: "Width of the interval" };
const RIVALS: Record<string, string> = { linear: "linear regression", identity: "the input itself", mean: "the mean" };

/** `r_linear_DAPI` → "Pearson r of linear regression, DAPI" */
function channelScore(name: string): string | undefined {
  const [, score, , rival, channel] = /^(r|ssim|mae|coverage|width)_((linear|identity|mean)_)?(.+)$/.exec(name) ?? [];
  if (score === undefined || channel === undefined) return undefined;
  return `${OF_CHANNELS[score] ?? score}${rival ? ` of ${RIVALS[rival] ?? rival}` : ""}, ${channel}`;
}

/** Whole tables say the test score; a model without test images is judged by validation, and that is said. */
export function headline(scores: Scores): { value: number; split: "test" | "validation" } | null {
  for (const split of ["test", "validation"] as const) {
    const value = scores[split]?.ap50 ?? scores[split]?.dice ?? scores[split]?.mean_r ?? scores[split]?.macro_f1;
    if (value !== undefined) return { value, split };
  }
  return null;
}

/** Every score name that any split has, for the full table. */
export function scoreNames(scores: Scores): string[] {
  return [...new Set(Object.values(scores).flatMap((one) => Object.keys(one)))].sort();
}
