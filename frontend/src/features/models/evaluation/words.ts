import { addresses } from "@/lib/addresses";
import type { EvaluatedImage, FaultKind, Interval } from "./queries";

export const FAULT_WORDS: Record<FaultKind, { one: string; many: string }> = {
  MERGE: { one: "merged", many: "merges" },
  SPLIT: { one: "split", many: "splits" },
  MISSED: { one: "missed", many: "missed cells" },
  INVENTED: { one: "invented", many: "invented cells" },
  WRONG_CLASS: { one: "wrong class", many: "wrong classes" },
  TOO_BRIGHT: { one: "too bright", many: "places too bright" },
  TOO_DARK: { one: "too dark", many: "places too dark" },
  LOOSE: { one: "loose outline", many: "loose outlines" },
  MISSED_DIVISION: { one: "division missed", many: "missed divisions" },
  INVENTED_DIVISION: { one: "division invented", many: "invented divisions" },
  MISSING_LINK: { one: "link missing", many: "missing links" },
  WRONG_LINK: { one: "wrong link", many: "wrong links" },
  CHANGED_LINK: { one: "birth and link confused", many: "births and links confused" },
  FRAME: { one: "whole frame", many: "whole frames" },
};

export const SCORES = [
  { name: "ap50", label: "AP at IoU 0.5" },
  { name: "ap75", label: "AP at IoU 0.75" },
  { name: "ap90", label: "AP at IoU 0.9" },
  { name: "mean_ap", label: "Mean AP, 0.5 to 0.9" },
  { name: "f1", label: "F1" },
  { name: "precision", label: "Precision" },
  { name: "recall", label: "Recall" },
  { name: "pq", label: "Panoptic quality" },
  { name: "seg", label: "SEG of the Cell Tracking Challenge" },
  { name: "tra", label: "TRA, tracks" },
  { name: "det", label: "DET, cells of tracks" },
  { name: "lnk", label: "LNK, links of tracks" },
  { name: "division_f1_0", label: "F1 of divisions" },
  { name: "division_f1_1", label: "F1 of divisions within 1 frame" },
  { name: "ct", label: "Complete tracks" },
  { name: "whole_families", label: "Families without a fault" },
  { name: "chota", label: "CHOTA" },
  { name: "macro_f1", label: "F1 of classes, mean" },
  { name: "balanced_accuracy", label: "Accuracy of classes, mean" },
  { name: "accuracy", label: "Accuracy of classes" },
  { name: "mean_dice", label: "Dice of regions, mean" },
  { name: "mean_iou", label: "IoU of regions, mean" },
  { name: "foreground_dice", label: "Dice of the foreground" },
  { name: "map", label: "mAP of boxes, IoU 0.5 to 0.95" },
  { name: "map50", label: "mAP of boxes at IoU 0.5" },
  { name: "mean_r", label: "Correlation, mean" },
  { name: "mean_ssim", label: "SSIM, mean" },
  { name: "mean_mae", label: "Mean error, share of the range (less is better)" },
  { name: "mean_coverage", label: "Pixels inside the interval" },
  { name: "mean_width", label: "Width of the interval, share of the range" },
  { name: "class_f1", label: "F1 of the class" },
  { name: "dice", label: "Dice" },
  { name: "r", label: "Correlation" },
  { name: "ece", label: "Calibration error (less is better)" },
] as const;

export const scoreWords = (name: string): string => SCORES.find((one) => one.name === name)?.label ?? name.replaceAll("_", " ");

/** "0.812 (0.771 to 0.850)" */
export function sayInterval({ value, low, high }: Interval): string {
  return low === null || high === null ? value.toFixed(3) : `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

/** "+0.031", "−0.120" with a true minus. */
export function saySigned(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

interface Spot {
  image: string;
  branch: string | null;
  revision: number | null;
  t: number;
  z: number;
  y: number;
  x: number;
  size_px: number;
  cells: readonly number[];
}

/** The editor at a place: the cell fills about a tenth of the screen, and stands selected. */
export function placeAddress(project: string, spot: Spot): { to: string; search: Record<string, string> } {
  const zoom = Math.min(16, Math.max(0.5, 120 / Math.sqrt(Math.max(1, spot.size_px))));
  return {
    to: addresses.annotate(project, spot.image),
    search: {
      t: String(spot.t),
      z: String(spot.z),
      at: `${spot.y},${spot.x},${Number(zoom.toPrecision(3))}`,
      ...ofLabels(spot),
      ...(spot.cells.length > 0 && { cell: spot.cells.slice(0, 20).join(",") }),
    },
  };
}

export function imageAddress(project: string, item: Pick<EvaluatedImage, "shown" | "branch" | "revision">): { to: string; search: Record<string, string> } {
  return { to: addresses.annotate(project, item.shown), search: ofLabels(item) };
}

/** A predicted image has no branch: it shows itself. */
function ofLabels({ branch, revision }: { branch: string | null; revision: number | null }): Record<string, string> {
  return branch === null ? {} : { branch, revision: String(revision) };
}

/** Where dots of the same value are laid beside each other, so that none hides another: offsets in rows from the middle. */
export function spread(values: readonly number[], bins = 60): number[] {
  const taken = new Map<number, number>();
  return values.map((value) => {
    const bin = Math.round(value * bins);
    const before = taken.get(bin) ?? 0;
    taken.set(bin, before + 1);
    return before % 2 === 0 ? before / 2 : -(before + 1) / 2;
  });
}
