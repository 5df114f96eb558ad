/** The magic wand: a press takes what is alike and joined, a drag to the right takes more, the release keeps it. */
import type { Draft } from "@/editor/door";
import { clamp } from "@/editor/core/geometry";
import type { Point, Rect } from "@/editor/core/geometry";
import { Refused } from "@/editor/core/refused";
import type { WandAnswer } from "@/editor/craft/wand";
import { askCraft } from "@/editor/workers/craft-client";
import type { Desk } from "../desk";
import { targetCell, writeShape } from "../shapes/writing";
import { Gesture, gestureOf } from "./gesture";
import { barredIn, contrastOf, lookAt } from "./looking";

export type WandCommand =
  | { readonly kind: "wand.begin"; readonly at: Point }
  /** `moved_px`: so far to the right of the press, CSS px. */
  | { readonly kind: "wand.drag"; readonly moved_px: number }
  /** `subtract`: taken from the selected cell. */
  | { readonly kind: "wand.end"; readonly subtract?: boolean };

/** The wand sees a square of so many pixels around the press: its cost does not follow the image. */
const SEES_PX = 768;
/** Percent of the contrast window that a drag of one CSS px adds. */
const PERCENT_A_PX = 0.1;

class WandGesture extends Gesture {
  tolerance: number;
  newest: WandAnswer | null = null;
  readonly ready: Promise<unknown>;

  constructor(
    desk: Desk,
    readonly at: Point,
  ) {
    super(desk, "wand");
    this.tolerance = desk.outlook.toolOptions.wandTolerance;
    this.ready = this.#open();
  }

  async #open(): Promise<void> {
    const [x, y] = [Math.floor(this.at.x), Math.floor(this.at.y)];
    const half = SEES_PX / 2;
    const asked: Rect = { x0: x - half, y0: y - half, x1: x + half, y1: y + half };
    const { grey, rect } = await lookAt(this.desk, asked);
    const frame = this.desk.frame();
    if (!frame) return;
    const barred = barredIn(this.desk, frame, rect, targetCell(this.desk, "wand"));
    const seed = (y - rect.y0) * grey.width + x - rect.x0;
    if (barred[seed] !== 0) throw new Refused("This pixel belongs to another cell, and the write mode keeps other cells; choose overwrite or overlap, or select that cell.");
    await askCraft("wand.open", { key: this.key, grey, seed, smoothing_px: this.desk.outlook.toolOptions.smoothing_px, at: { x: rect.x0, y: rect.y0 }, barred });
  }

  async reach(signal?: AbortSignal): Promise<WandAnswer | null> {
    const tolerance = (this.tolerance / 100) * contrastOf(this.desk);
    const fillsHoles = this.desk.outlook.toolOptions.wandFillsHoles;
    await this.ready;
    return askCraft("wand.reach", { key: this.key, tolerance, fillsHoles }, signal);
  }
}

export function beginWand(desk: Desk, { at }: { readonly at: Point }): void {
  desk.needEditable();
  const { x, y } = desk.document.size;
  if (at.x < 0 || at.y < 0 || at.x >= x || at.y >= y) throw new Refused("There is no pixel of the image here.");
  const gesture = new WandGesture(desk, at);
  desk.set({ draft: draftOf(desk, gesture, null) });
  look(desk, gesture);
}

export function dragWand(desk: Desk, { moved_px }: { readonly moved_px: number }): void {
  const gesture = gestureOf(desk, WandGesture);
  if (!gesture) return;
  const tolerance = clamp(Math.round((desk.outlook.toolOptions.wandTolerance + moved_px * PERCENT_A_PX) * 10) / 10, 0, 100);
  if (tolerance === gesture.tolerance) return;
  gesture.tolerance = tolerance;
  look(desk, gesture);
}

function look(desk: Desk, gesture: WandGesture): void {
  const shown = gesture.preview((signal) => gesture.reach(signal), (answer) => {
    gesture.newest = answer;
    desk.set({ draft: draftOf(desk, gesture, answer) });
  });
  desk.later(shown.catch((error: unknown) => {
    if (gesture.isAlive) desk.set({ draft: null });
    throw error;
  }));
}

function draftOf(desk: Desk, { at, t, z, tolerance }: WandGesture, answer: WandAnswer | null): Draft {
  const grey = Number(((tolerance / 100) * contrastOf(desk)).toPrecision(3));
  const edge = answer?.atEdge ? ` It stops ${SEES_PX / 2} px from the press.` : "";
  const hint = `Tolerance ${tolerance} % of the contrast (${grey} grey values): drag right for more, left for less.${edge}`;
  const proposals = answer ? [{ key: 0, t, z, cell: targetCell(desk, "wand"), runs: answer.runs }] : [];
  return { tool: "wand", shapes: [{ kind: "dot", at, sign: 0 }], proposals, hint, waiting: answer === null };
}

/** What the last tolerance gives, though its preview may still be on its way. The next press begins with this tolerance. */
export function endWand(desk: Desk, { subtract = false }: { readonly subtract?: boolean }): void {
  const gesture = gestureOf(desk, WandGesture);
  if (!gesture) return;
  gesture.supersede();
  desk.later(gesture.reach().then((answer) => {
    if (!answer || !gesture.isAlive) return;
    desk.set({ draft: null, toolOptions: { ...desk.outlook.toolOptions, wandTolerance: gesture.tolerance } });
    writeShape(desk, "wand", answer.runs, subtract);
  }).catch((error: unknown) => {
    // What kept the preview from coming has been said already.
    if (gesture.isAlive || gesture.newest !== null) throw error;
  }));
}
