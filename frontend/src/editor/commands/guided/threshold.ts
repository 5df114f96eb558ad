/** Threshold in a box: what is brighter (or darker) than the threshold becomes cells. */
import type { Draft, Proposal } from "@/editor/door";
import { clamp } from "@/editor/core/geometry";
import type { Point, Rect } from "@/editor/core/geometry";
import { Refused } from "@/editor/core/refused";
import { askCraft } from "@/editor/workers/craft-client";
import type { AnswerOf } from "@/editor/craft/orders";
import type { Desk } from "../desk";
import { Gesture, gestureOf } from "./gesture";
import { barredIn, haveIds, lookAt } from "./looking";

export type ThresholdCommand =
  | { readonly kind: "threshold.begin"; readonly at: Point }
  | { readonly kind: "threshold.drag"; readonly to: Point }
  /** In one go, without a pointer. */
  | { readonly kind: "threshold.box"; readonly from: Point; readonly to: Point };

/** A larger box would make the page wait. */
const MOST_PX = 4096 * 4096;

class ThresholdGesture extends Gesture {
  to: Point;

  constructor(
    desk: Desk,
    readonly from: Point,
  ) {
    super(desk, "threshold");
    this.to = from;
  }

  get rect(): Rect {
    const { x: width, y: height } = this.desk.document.size;
    const [xs, ys] = [[this.from.x, this.to.x], [this.from.y, this.to.y]];
    const span = (values: readonly number[], most: number): [number, number] =>
      [clamp(Math.floor(Math.min(...values)), 0, most), clamp(Math.ceil(Math.max(...values)), 0, most)];
    const [[x0, x1], [y0, y1]] = [span(xs, width), span(ys, height)];
    return { x0, y0, x1, y1 };
  }
}

const HINT = "Drag a box around cells.";

export function beginThreshold(desk: Desk, { at }: { readonly at: Point }): void {
  desk.needEditable();
  new ThresholdGesture(desk, at);
  desk.set({ draft: draftOf(at, at, [], HINT) });
}

export function dragThreshold(desk: Desk, { to }: { readonly to: Point }): void {
  const gesture = gestureOf(desk, ThresholdGesture);
  if (!gesture) return;
  gesture.to = to;
  desk.set({ draft: draftOf(gesture.from, to, desk.outlook.draft?.proposals ?? [], desk.outlook.draft?.hint ?? HINT) });
  refreshThreshold(desk);
}

export function boxThreshold(desk: Desk, { from, to }: { readonly from: Point; readonly to: Point }): void {
  beginThreshold(desk, { at: from });
  dragThreshold(desk, { to });
}

/** The settings or the box have changed. */
export function refreshThreshold(desk: Desk): void {
  const gesture = gestureOf(desk, ThresholdGesture);
  const { x0, y0, x1, y1 } = gesture?.rect ?? { x0: 0, y0: 0, x1: 0, y1: 0 };
  if (!gesture || x1 - x0 < 2 || y1 - y0 < 2) return;
  if ((x1 - x0) * (y1 - y0) > MOST_PX) throw new Refused("The box is too large to threshold at once; draw one of at most 4096 × 4096 px.");
  if (desk.outlook.draft) desk.set({ draft: { ...desk.outlook.draft, waiting: true } });
  desk.later(gesture.preview((signal) => find(desk, gesture, signal), (found) => show(desk, gesture, found)));
}

async function find(desk: Desk, gesture: ThresholdGesture, signal: AbortSignal): Promise<AnswerOf<"threshold"> | null> {
  const { toolOptions: o } = desk.outlook;
  const { grey, rect } = await lookAt(desk, gesture.rect);
  const frame = desk.frame();
  if (!frame || signal.aborted) return null;
  const found = await askCraft("threshold", {
    grey,
    smoothing_px: o.smoothing_px,
    how: { method: o.thresholdMethod, percentile: o.thresholdPercentile, value: o.thresholdValue, local_px: o.thresholdLocal_px },
    side: o.thresholdSide,
    pieces: {
      width: rect.x1 - rect.x0, at: { x: rect.x0, y: rect.y0 }, smallest_px: o.thresholdSmallest_px, fillsHoles: o.thresholdFillsHoles,
      barred: barredIn(desk, frame, rect, cellFor(desk)),
    },
  }, signal);
  if (found && o.thresholdMakes === "pieces") await haveIds(desk, found.pieces.length);
  return found;
}

const cellFor = ({ outlook: { toolOptions, selected } }: Desk): number | null => (toolOptions.thresholdMakes === "one" ? (selected[0] ?? null) : null);

function show(desk: Desk, gesture: ThresholdGesture, { pieces, threshold }: AnswerOf<"threshold">): void {
  const { t, z, toolOptions } = desk.outlook;
  const one = toolOptions.thresholdMakes === "one";
  const groups = one && pieces.length > 0 ? [pieces.flat()] : pieces;
  const proposals = groups.map((runs, key): Proposal => ({ key, t, z, cell: cellFor(desk), runs: one ? inOrder(runs) : runs }));
  desk.set({ draft: draftOf(gesture.from, gesture.to, proposals, hintOf(desk, pieces.length, threshold)) });
}

/** Pieces follow each other; runs must be sorted. */
function inOrder(runs: readonly number[]): number[] {
  const places = Array.from({ length: runs.length / 3 }, (_, i) => 3 * i).sort((a, b) => runs[a] - runs[b] || runs[a + 1] - runs[b + 1]);
  return places.flatMap((i) => [runs[i], runs[i + 1], runs[i + 2]]);
}

function hintOf({ outlook: { toolOptions } }: Desk, pieces: number, threshold: number | null): string {
  const at = threshold === null ? "" : ` at ${Number(threshold.toPrecision(5))}`;
  if (pieces === 0) return `No piece${at}: change the threshold, the side or the smallest size.`;
  const what = toolOptions.thresholdMakes === "one" ? `One cell of ${pieces} ${pieces === 1 ? "piece" : "pieces"}` : `${pieces} ${pieces === 1 ? "cell" : "cells"}`;
  return `${what}${at}. Enter or a click in the box accepts, Esc drops.`;
}

const draftOf = (from: Point, to: Point, proposals: readonly Proposal[], hint: string): Draft =>
  ({ tool: "threshold", shapes: [{ kind: "box", from, to }], proposals, hint, waiting: false });
