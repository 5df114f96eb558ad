/** Two clicks in one cell split it along a watershed; Shift adds more seeds before. */
import type { Draft, Proposal } from "@/editor/door";
import type { FrameLabels } from "@/editor/core/frame-labels";
import type { Point } from "@/editor/core/geometry";
import { Refused } from "@/editor/core/refused";
import type { Runs } from "@/editor/core/runs";
import { splitCell } from "@/editor/core/splitting";
import { drawnIn, windowOf } from "@/editor/core/window";
import type { SplitAnswer } from "@/editor/craft/split";
import { askCraft } from "@/editor/workers/craft-client";
import type { Desk } from "../desk";
import { Gesture, gestureOf } from "./gesture";
import { cellsHere, lookAt, needUnlocked } from "./looking";

export type WatershedCommand =
  /** The first seed begins, the second splits; `more`: another one is to come. */
  | { readonly kind: "watershed.seed"; readonly at: Point; readonly more?: boolean }
  /** What a seed here would do. */
  | { readonly kind: "watershed.look"; readonly at: Point }
  /** In one go, without a pointer: all seeds lie in one cell. */
  | { readonly kind: "watershed.split"; readonly seeds: readonly Point[]; readonly cell?: number };

class SplitGesture extends Gesture {
  readonly seeds: Point[] = [];
  /** Resolves when cell and grey values are on the bench. */
  readonly ready: Promise<unknown>;
  readonly box: { readonly y: number; readonly x: number; readonly width: number; readonly height: number };

  constructor(
    desk: Desk,
    readonly cell: number,
    /** The cell's pixels when the gesture began. */
    readonly runs: Runs,
  ) {
    super(desk, "watershed");
    const found = windowOf(runs, 0, { height: desk.document.size.y, width: desk.document.size.x });
    if (!found) throw new Refused(`Cell ${cell} has no pixel in this frame.`);
    // A margin of one pixel, even beyond the image: what lies outside is not the cell.
    this.box = { y: found.y - 1, x: found.x - 1, width: found.width + 2, height: found.height + 2 };
    this.ready = this.#open();
  }

  async #open(): Promise<void> {
    const { x, y, width, height } = this.box;
    const whole = { x0: x, y0: y, x1: x + width, y1: y + height };
    const { watershedOn, smoothing_px } = this.desk.outlook.toolOptions;
    const seen = watershedOn === "shape" ? null : await lookAt(this.desk, whole);
    const grey = seen && { data: widened(seen.grey.data, seen.rect, whole), width, height };
    await askCraft("split.open", { key: this.key, mask: drawnIn(this.runs, whole).data, width, at: { x, y }, grey, smoothing_px });
  }

  pixelOf({ x, y }: Point): number {
    return (Math.floor(y) - this.box.y) * this.box.width + Math.floor(x) - this.box.x;
  }

  has({ x, y }: Point): boolean {
    return this.desk.frame()?.cellsAt(Math.floor(x), Math.floor(y)).includes(this.cell) ?? false;
  }

  /** Whether a seed lies on this pixel already. */
  isTaken(at: Point): boolean {
    return this.seeds.some((seed) => this.pixelOf(seed) === this.pixelOf(at));
  }

  async split(seeds: readonly Point[], signal?: AbortSignal): Promise<SplitAnswer | null> {
    await this.ready;
    const on = this.desk.outlook.toolOptions.watershedOn;
    return askCraft("split.seeds", { key: this.key, seeds: seeds.map((seed) => this.pixelOf(seed)), on }, signal);
  }
}

/** A crop that was cut to the image, with its border pixels gone on to the whole box. */
function widened(data: Float32Array, from: Box, whole: Box): Float32Array {
  const [width, height] = [whole.x1 - whole.x0, whole.y1 - whole.y0];
  const wide = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.min(from.y1 - 1, Math.max(from.y0, y + whole.y0)) - from.y0;
    for (let x = 0; x < width; x++) {
      wide[y * width + x] = data[row * (from.x1 - from.x0) + Math.min(from.x1 - 1, Math.max(from.x0, x + whole.x0)) - from.x0];
    }
  }
  return wide;
}

interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export function seedWatershed(desk: Desk, { at, more = false }: { readonly at: Point; readonly more?: boolean }): void {
  const frame = desk.needEditable();
  const gesture = gestureOf(desk, SplitGesture);
  if (!gesture) begin(desk, frame, at);
  else if (!gesture.has(at)) throw new Refused(`Click inside cell ${gesture.cell}, where its other half begins; Esc drops the split.`);
  else if (gesture.isTaken(at)) throw new Refused("Both seeds lie on the same pixel; click farther away.");
  else if (more) addSeed(desk, gesture, at);
  else finish(desk, gesture, [...gesture.seeds, at]);
}

function begin(desk: Desk, frame: FrameLabels, at: Point): void {
  const [cell] = cellsHere(desk, at.x, at.y);
  if (cell === undefined) throw new Refused("There is no cell here to split; click inside one.");
  needUnlocked(desk, cell);
  const gesture = new SplitGesture(desk, cell, frame.runsOf(cell));
  gesture.seeds.push(at);
  desk.set({ draft: draftOf(gesture, [], "Click the middle of the other half: that splits the cell. Shift+click for more than two.") });
  desk.later(gesture.ready);
}

function addSeed(desk: Desk, gesture: SplitGesture, at: Point): void {
  gesture.seeds.push(at);
  look(desk, gesture, gesture.seeds);
}

export function lookWatershed(desk: Desk, { at }: { readonly at: Point }): void {
  const gesture = gestureOf(desk, SplitGesture);
  if (gesture?.has(at) && !gesture.isTaken(at)) look(desk, gesture, [...gesture.seeds, at]);
}

/** The settings have changed. */
export function refreshWatershed(desk: Desk): void {
  const gesture = gestureOf(desk, SplitGesture);
  if (!gesture) return;
  const again = new SplitGesture(desk, gesture.cell, gesture.runs);
  again.seeds.push(...gesture.seeds);
  if (again.seeds.length > 1) look(desk, again, again.seeds);
}

function look(desk: Desk, gesture: SplitGesture, seeds: readonly Point[]): void {
  desk.later(gesture.preview((signal) => gesture.split(seeds, signal), (answer) => {
    const by = answer.by === "grey" ? "grey values" : "its shape";
    const hint = `${answer.parts.length} parts along ${by}. ${gesture.seeds.length > 1 ? "Enter or a click splits" : "A click splits"}, Shift+click adds a seed, Esc drops.`;
    desk.set({ draft: draftOf(gesture, proposalsOf(gesture, answer), hint) });
  }));
}

/** The first part keeps the number. */
const proposalsOf = ({ t, z, cell }: SplitGesture, { parts }: SplitAnswer): Proposal[] =>
  parts.slice(1).map((runs, key) => ({ key, t, z, cell: null, runs, takes: new Map([[cell, runs]]) }));

function draftOf(gesture: SplitGesture, proposals: readonly Proposal[], hint: string): Draft {
  const shapes = gesture.seeds.map((at) => ({ kind: "dot", at, sign: 1 }) as const);
  return { tool: "watershed", shapes, proposals, hint, waiting: false };
}

function finish(desk: Desk, gesture: SplitGesture, seeds: readonly Point[]): void {
  gesture.supersede();
  if (desk.outlook.draft) desk.set({ draft: { ...desk.outlook.draft, waiting: true } });
  desk.later(gesture.split(seeds).then((answer) => answer && gesture.isAlive && write(desk, gesture, answer)));
}

function write(desk: Desk, gesture: SplitGesture, { parts }: SplitAnswer): void {
  const frame = desk.needEditable();
  const { cell, runs } = gesture;
  desk.set({ draft: null });
  if (String(frame.runsOf(cell)) !== String(runs)) throw new Refused(`Cell ${cell} has been changed meanwhile; split it again.`);
  if (parts.some((part) => part.length === 0)) throw new Refused("A part would be empty; click farther from the first seed.");
  const others = parts.slice(1).map((part) => ({ id: desk.takeId(), part }));
  const edit = desk.session.run("watershed", (tx) => {
    for (const { id, part } of others) splitCell(tx, frame, cell, { stays: [], leaves: part }, id);
  });
  if (edit) desk.set({ selected: [cell, ...others.map(({ id }) => id)] });
  desk.made(edit);
}

export function splitNow(desk: Desk, { seeds, cell }: { readonly seeds: readonly Point[]; readonly cell?: number }): void {
  const frame = desk.needEditable();
  const [first] = seeds;
  if (seeds.length < 2) throw new Refused("A split needs two seeds or more.");
  const meant = cell ?? cellsHere(desk, first.x, first.y)[0];
  if (meant === undefined || !frame.has(meant)) throw new Refused("There is no cell here to split; click inside one.");
  needUnlocked(desk, meant);
  const gesture = new SplitGesture(desk, meant, frame.runsOf(meant));
  if (!seeds.every((seed) => gesture.has(seed))) throw new Refused(`All seeds must lie inside cell ${meant}.`);
  gesture.seeds.push(...seeds);
  desk.set({ draft: draftOf(gesture, [], "Splitting …") });
  finish(desk, gesture, seeds);
}
