/**
 * Magnetic lasso: between clicks the line clings to edges. The draft holds everything: the clicks as dots, the lines
 * between them as paths, and last the line to the pointer.
 */
import type { Draft, DraftShape } from "@/editor/door";
import type { Point } from "@/editor/core/geometry";
import { fillPolygon } from "@/editor/core/polygon-fill";
import { Refused } from "@/editor/core/refused";
import { pointsOfPath } from "@/editor/craft/live-wire";
import { askCraft, newBenchKey } from "@/editor/workers/craft-client";
import type { Desk } from "../desk";
import { Gesture, gestureOf } from "../guided/gesture";
import { lookAt } from "../guided/looking";
import { targetCell, writeShape } from "./writing";

export type MagnetCommand =
  /** A click fixes the line so far; on the first point, or with `close`, it closes. */
  | { readonly kind: "magnet.point"; readonly at: Point; readonly close?: boolean; readonly subtract?: boolean }
  | { readonly kind: "magnet.look"; readonly at: Point }
  /** The last fixed piece is taken back. */
  | { readonly kind: "magnet.back" };

/** The line is found in a square of twice so many pixels around the last click; beyond it goes straight. */
const REACH_PX = 160;
/** A click so near to the first one closes, CSS px. */
const NEAR_PX = 8;
const HINT = "Move along the edge; a click fixes the line, the first point or a double click closes it, Enter accepts, Backspace takes the last piece back.";

interface Wire {
  /** Its place on the craft's bench. */
  readonly key: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

class MagnetGesture extends Gesture {
  /** Clicks, and the fixed lines between them. */
  anchors: readonly Point[] = [];
  lines: readonly (readonly Point[])[] = [];
  wire: Promise<Wire>;
  /** Clicks come faster than lines are found: one after the other. */
  fixing: Promise<unknown> = Promise.resolve();

  constructor(
    desk: Desk,
    at: Point,
  ) {
    super(desk, "magnetic");
    this.anchors = [at];
    this.wire = this.#open(at);
  }

  fix(line: readonly Point[]): void {
    this.lines = [...this.lines, line];
    this.anchors = [...this.anchors, line[line.length - 1]];
    this.wire = this.#open(this.#last);
  }

  back(): void {
    this.lines = this.lines.slice(0, -1);
    this.anchors = this.anchors.slice(0, -1);
    this.wire = this.#open(this.#last);
  }

  get #last(): Point {
    return this.anchors[this.anchors.length - 1];
  }

  async #open(at: Point): Promise<Wire> {
    const [x, y] = [Math.floor(at.x), Math.floor(at.y)];
    const { grey, rect } = await lookAt(this.desk, { x0: x - REACH_PX, y0: y - REACH_PX, x1: x + REACH_PX + 1, y1: y + REACH_PX + 1 });
    const key = newBenchKey();
    const { smoothing_px, magnetPull } = this.desk.outlook.toolOptions;
    await askCraft("wire.open", { key, grey, anchor: (y - rect.y0) * grey.width + x - rect.x0, smoothing_px, pull: magnetPull / 10 });
    return { key, x: rect.x0, y: rect.y0, width: grey.width, height: grey.height };
  }

  /** From the last click to a point, along edges. */
  async line(to: Point, signal?: AbortSignal): Promise<readonly Point[] | null> {
    const from = this.#last;
    const { key, x, y, width, height } = await this.wire;
    const inside = { x: Math.min(width - 1, Math.max(0, Math.floor(to.x) - x)), y: Math.min(height - 1, Math.max(0, Math.floor(to.y) - y)) };
    const answer = await askCraft("wire.path", { key, target: inside.y * width + inside.x }, signal);
    if (!answer) return null;
    const between = pointsOfPath(answer.path, width, { x, y });
    return [from, ...between.slice(1, -1), to];
  }

  get points(): Point[] {
    return this.lines.length === 0 ? [...this.anchors] : this.lines.flatMap((line, i) => (i === 0 ? line : line.slice(1)));
  }
}

export function pointMagnet(desk: Desk, { at, close = false, subtract = false }: Extract<MagnetCommand, { kind: "magnet.point" }>): void {
  desk.needEditable();
  const gesture = gestureOf(desk, MagnetGesture);
  if (!gesture) {
    show(desk, new MagnetGesture(desk, at), null);
    return;
  }
  const first = gesture.anchors[0];
  const closes = close || Math.hypot(at.x - first.x, at.y - first.y) <= NEAR_PX / desk.outlook.camera.zoom;
  if (closes && gesture.anchors.length < 2) return;
  gesture.supersede();
  gesture.fixing = gesture.fixing.then(() => fix(desk, gesture, closes ? null : at, subtract));
  desk.later(gesture.fixing);
}

/** Null closes. */
async function fix(desk: Desk, gesture: MagnetGesture, at: Point | null, subtract: boolean): Promise<void> {
  const line = gesture.isAlive ? await gesture.line(at ?? gesture.anchors[0]) : null;
  if (!line || !gesture.isAlive) return;
  if (at === null) finish(desk, [...gesture.points, ...line.slice(1, -1)], subtract);
  else {
    gesture.fix(line);
    show(desk, gesture, null);
  }
}

export function lookMagnet(desk: Desk, { at }: Extract<MagnetCommand, { kind: "magnet.look" }>): void {
  const gesture = gestureOf(desk, MagnetGesture);
  if (gesture) desk.later(gesture.preview((signal) => gesture.line(at, signal), (line) => show(desk, gesture, line)));
}

export function backMagnet(desk: Desk): void {
  const gesture = gestureOf(desk, MagnetGesture);
  if (!gesture) return;
  gesture.supersede();
  if (gesture.lines.length === 0) {
    desk.set({ draft: null });
    return;
  }
  gesture.back();
  show(desk, gesture, null);
  desk.later(gesture.wire);
}

function show(desk: Desk, gesture: MagnetGesture, live: readonly Point[] | null): void {
  const { points } = gesture;
  const runs = points.length >= 3 ? fillPolygon(points) : [];
  const lines = live ? [...gesture.lines, live] : gesture.lines;
  const shapes: DraftShape[] = [
    ...lines.map((line): DraftShape => ({ kind: "path", points: line, closed: false })),
    ...gesture.anchors.map((at): DraftShape => ({ kind: "dot", at, sign: 0 })),
  ];
  const { t, z } = gesture;
  const proposals = runs.length > 0 ? [{ key: 0, t, z, cell: targetCell(desk, "magnetic"), runs }] : [];
  const draft: Draft = { tool: "magnetic", shapes, proposals, hint: HINT, waiting: false };
  desk.set({ draft });
}

function finish(desk: Desk, points: readonly Point[], subtract: boolean): void {
  desk.set({ draft: null });
  if (points.length < 3) throw new Refused("The loop encloses nothing; draw it larger.");
  writeShape(desk, "magnetic", fillPolygon(points), subtract);
}
