/** Cells made larger, smaller, smoother, whole: each operation one cell in one frame, by the write mode where it gains pixels. */
import { componentsOf } from "./components";
import { hullOf } from "./convex-hull";
import type { FrameLabels } from "./frame-labels";
import type { WriteMode } from "./frame-writer";
import { holesOf } from "./mask";
import { closed, dilated, eroded, largestPart, majority, opened, withoutSmall } from "./morphology";
import { Refused } from "./refused";
import { difference, intersection, lineOfRuns, runsOfLine, union } from "./runs";
import type { Runs } from "./runs";
import type { Transaction } from "./transaction";

export type Reshape =
  | { readonly kind: "grow" | "shrink"; readonly by_px: number }
  | { readonly kind: "smooth"; readonly by: "median" | "opening-closing"; readonly by_px: number }
  | { readonly kind: "hull" | "trim" | "fill-holes" }
  /** Parts with fewer pixels go. */
  | { readonly kind: "remove-small"; readonly smallest_px: number };

/** The runs that the cell should have; what it may not gain is left out when it is written. */
export function reshaped(runs: Runs, shape: Reshape, image: { readonly height: number; readonly width: number }): number[] {
  switch (shape.kind) {
    case "grow": return dilated(runs, shape.by_px, image);
    case "shrink": return eroded(runs, shape.by_px, image);
    case "smooth": return smoothed(runs, shape, image);
    case "hull": return hullOf(runs);
    case "trim": return largestPart(runs);
    case "fill-holes": return runsOfLine(union(lineOfRuns(runs), lineOfRuns(holesOf(runs))));
    case "remove-small": return withoutSmall(runs, shape.smallest_px);
  }
}

function smoothed(runs: Runs, { by, by_px }: Extract<Reshape, { kind: "smooth" }>, image: { readonly height: number; readonly width: number }): number[] {
  return by === "median" ? majority(runs, by_px, image) : closed(opened(runs, by_px, image), by_px, image);
}

/** Throws Refused when the cell would vanish, except where that was asked for: small parts removed. */
export function reshapeCell(tx: Transaction, frame: FrameLabels, cell: number, shape: Reshape, mode: WriteMode): void {
  tx.guard.need(cell);
  const before = frame.lineOf(cell);
  if (before.length === 0) return;
  const after = lineOfRuns(reshaped(runsOfLine(before), shape, frame));
  if (after.length === 0 && shape.kind !== "remove-small") throw new Refused(`Cell ${cell} is too small for this: nothing would be left of it. Choose a smaller number.`);
  const writer = tx.on(frame.t, frame.z);
  const kept = intersection(before, after);
  const gained = writer.paintable(cell, mode, runsOfLine(difference(after, before)));
  writer.eraseRuns(cell, runsOfLine(difference(before, after)));
  writer.paintRuns(cell, mode, reachable(kept, lineOfRuns(gained)));
}

/** Of the pixels gained, those joined to the cell: past a neighbour that keeps its ground no island begins. */
function reachable(kept: readonly number[], gained: readonly number[]): number[] {
  if (gained.length === 0) return [];
  const parts = componentsOf(runsOfLine(union(kept, gained)));
  if (parts.length === 1) return runsOfLine(gained);
  const joined = parts.map(lineOfRuns).filter((part) => intersection(part, kept).length > 0);
  return runsOfLine(intersection(joined.reduce((all, part) => union(all, part), []), gained));
}

/** Several cells one after the other, each as the ones before have left it. */
export function reshapeCells(tx: Transaction, frame: FrameLabels, cells: readonly number[], shape: Reshape, mode: WriteMode): void {
  tx.guard.need(...cells);
  for (const cell of cells) {
    reshapeCell(tx, frame, cell, shape, mode);
    if (mode === "overwrite") tx.seal();
  }
}

/** Pixels that join parts of a shape which lie no further apart than `gap_px`; what else closing would fill stays as it is. */
export function bridgesOf(runs: Runs, gap_px: number, image: { readonly height: number; readonly width: number }): number[] {
  const own = lineOfRuns(runs);
  const parts = componentsOf(runs);
  if (parts.length < 2 || gap_px <= 0) return [];
  const filled = difference(lineOfRuns(closed(runs, Math.ceil(gap_px / 2), image)), own);
  const grown = parts.map((part) => lineOfRuns(dilated(part, 1.5, image)));
  const joins = (piece: readonly number[]): boolean => grown.filter((part) => intersection(part, piece).length > 0).length > 1;
  return runsOfLine(lineOfRuns(componentsOf(runsOfLine(filled)).filter((piece) => joins(lineOfRuns(piece))).flat()));
}
