import { addresses } from "@/lib/addresses";
import type { Fault, FaultKind } from "./queries";

/** What is wrong, in the order in which it is drawn: divisions first, they are the fewest and weigh most. */
export const KINDS: readonly { kind: FaultKind; words: string; colour: string }[] = [
  { kind: "MISSED_DIVISION", words: "division missed", colour: "var(--cyto-bad)" },
  { kind: "INVENTED_DIVISION", words: "division invented", colour: "var(--cyto-wait)" },
  { kind: "WRONG_LINK", words: "wrong link", colour: "var(--cyto-busy)" },
  { kind: "MISSING_LINK", words: "link missing", colour: "var(--cyto-accent)" },
  { kind: "CHANGED_LINK", words: "birth taken for a link, or the reverse", colour: "var(--cyto-good)" },
  { kind: "MISSED", words: "cell missed", colour: "#cc79a7" },
  { kind: "INVENTED", words: "cell invented", colour: "#8c8c8c" },
  { kind: "MERGE", words: "cells merged", colour: "#b08d57" },
  { kind: "SPLIT", words: "cell split", colour: "#5c8a5c" },
];

const WORDS = new Map(KINDS.map((one) => [one.kind, one]));

/** Loose outlines and wrong classes are no errors of tracks. */
export const isOfTracks = (fault: Fault): boolean => WORDS.has(fault.kind);
export const kindWords = (kind: FaultKind): string => WORDS.get(kind)?.words ?? kind.toLowerCase();

export const SCORES: readonly { name: string; label: string; hint: string }[] = [
  { name: "tra", label: "TRA", hint: "Tracking accuracy of the Cell Tracking Challenge: work saved, cells and links together" },
  { name: "det", label: "DET", hint: "Detection accuracy: work saved on cells" },
  { name: "lnk", label: "LNK", hint: "Linking accuracy: work saved on links" },
  { name: "seg", label: "SEG", hint: "Mean overlap of outlines" },
  { name: "division_f1_0", label: "Divisions, F1", hint: "Divisions found in the very frame" },
  { name: "division_f1_1", label: "Divisions within 1 frame", hint: "Divisions found a frame early or late count too" },
  { name: "ct", label: "Complete tracks, CT", hint: "Tracks that are right from birth to end" },
  { name: "whole_families", label: "Families without a fault", hint: "A cell and all its offspring, every link right" },
  { name: "tf", label: "Track fractions, TF", hint: "How far the longest right stretch of a track reaches" },
  { name: "idf1", label: "Identities, IDF1", hint: "Detections that keep the right identity" },
  { name: "chota", label: "CHOTA", hint: "Detection and association along lineages, in one" },
];

/** "12 → 14, 15" of the cells in an error; those of the draft, or where it has none those of the accepted labels. */
export function cellWords(fault: Fault): string {
  const told = fault.predicted_cells.length > 0 ? fault.predicted_cells : fault.truth_cells;
  if (told.length < 2) return told.map(String).join();
  const [first, ...others] = told;
  return `${first} → ${others.join(", ")}`;
}

/** The editor at the place of an error, its cells selected, on the labels that were scored. */
export function faultAddress(project: string, fault: Fault): { to: string; search: Record<string, string> } {
  const zoom = Math.min(16, Math.max(0.5, 120 / Math.sqrt(Math.max(1, fault.size_px))));
  return {
    to: addresses.annotate(project, fault.shown),
    search: {
      t: String(fault.t),
      z: String(fault.z),
      at: `${fault.y},${fault.x},${Number(zoom.toPrecision(3))}`,
      ...(fault.branch !== null && { branch: fault.branch, revision: String(fault.revision) }),
      ...(fault.predicted_cells.length > 0 && { cell: fault.predicted_cells.slice(0, 20).join(",") }),
    },
  };
}

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/_um_s$/, "µm/s"],
  [/_um2$/, "µm²"],
  [/_um3$/, "µm³"],
  [/_px$/, "px"],
  [/_frames$/, "frames"],
];

/** `speed_um_s` → "Speed, µm/s"; `mean_DAPI` → "Mean of DAPI". */
export function measureWords(name: string): string {
  const light = /^(mean|sum)_(.*)$/.exec(name);
  if (light) return `${light[1] === "mean" ? "Mean" : "Sum"} of ${light[2]}`;
  if (name === "t") return "Frame";
  const unit = UNITS.find(([ending]) => ending.test(name));
  const plain = (unit ? name.replace(unit[0], "") : name).replaceAll("_", " ");
  const word = plain.charAt(0).toUpperCase() + plain.slice(1);
  const speed = name === "speed_px" ? "px a frame" : unit?.[1];
  return speed ? `${word}, ${speed}` : word;
}
