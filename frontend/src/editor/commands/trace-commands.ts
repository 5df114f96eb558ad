/** Paths drawn in one go, from down to up: a cut through a cell, a loop around a piece of it, a loop around many cells. */
import type { Draft, Proposal } from "../door";
import type { FrameLabels } from "../core/frame-labels";
import type { Point } from "../core/geometry";
import { Refused } from "../core/operations";
import { crossedPixels } from "../core/polygon-fill";
import { cellsInside } from "../core/selecting";
import { cutByLine, cutByLoop, splitCell } from "../core/splitting";
import type { Split } from "../core/splitting";
import type { Desk } from "./desk";
import type { Doers } from "./doers";

export type TraceCommand =
  | { readonly kind: "trace.begin"; readonly with: "cut" | "gather"; readonly at: Point }
  /** `loop`: the path is closed wherever it ends. */
  | { readonly kind: "trace.extend"; readonly points: readonly Point[]; readonly loop?: boolean }
  /** `add`: to what is selected, when it gathers. */
  | { readonly kind: "trace.end"; readonly loop?: boolean; readonly add?: boolean }
  /** In one go: an open path cuts through, a closed one cuts out. The selected cells (or these), else the one most under the path. */
  | { readonly kind: "cell.cut"; readonly path: readonly Point[]; readonly closed: boolean; readonly cells?: readonly number[] }
  | { readonly kind: "select.inside"; readonly path: readonly Point[]; readonly add?: boolean };

type Of<K extends TraceCommand["kind"]> = Extract<TraceCommand, { kind: K }>;

/** A cut whose end comes back so near to its beginning is a loop, CSS px. */
const CLOSES_PX = 12;
/** Samples nearer than this add nothing, image px. */
const STEP_PX = 0.5;

function begin(desk: Desk, { with: tool, at }: Of<"trace.begin">): void {
  if (tool === "cut") desk.needEditable();
  desk.set({ draft: draftOf(desk, tool, [at], tool === "gather") });
}

function extend(desk: Desk, { points, loop = false }: Of<"trace.extend">): void {
  const path = pathOf(desk);
  if (!path) return;
  const longer = [...path.points];
  for (const point of points) {
    const last = longer[longer.length - 1];
    if (Math.hypot(point.x - last.x, point.y - last.y) >= STEP_PX) longer.push(point);
  }
  desk.set({ draft: draftOf(desk, path.tool, longer, path.tool === "gather" || loop || comesBack(desk, longer)) });
}

function end(desk: Desk, { loop = false, add = false }: Of<"trace.end">): void {
  const path = pathOf(desk);
  desk.set({ draft: null });
  if (!path) return;
  if (path.tool === "gather") selectInside(desk, { kind: "select.inside", path: path.points, add });
  else cut(desk, { kind: "cell.cut", path: path.points, closed: loop || path.closed });
}

function pathOf(desk: Desk): { tool: "cut" | "gather"; points: readonly Point[]; closed: boolean } | null {
  const { draft } = desk.outlook;
  const shape = draft?.shapes[0];
  if (shape?.kind !== "path" || (draft?.tool !== "cut" && draft?.tool !== "gather")) return null;
  return { tool: draft.tool, points: shape.points, closed: shape.closed };
}

function comesBack({ outlook }: Desk, points: readonly Point[]): boolean {
  const near = CLOSES_PX / outlook.camera.zoom;
  const [first, last] = [points[0], points[points.length - 1]];
  const wentAway = points.some((p) => Math.hypot(p.x - first.x, p.y - first.y) > 2 * near);
  return wentAway && Math.hypot(last.x - first.x, last.y - first.y) <= near;
}

function draftOf(desk: Desk, tool: "cut" | "gather", points: readonly Point[], closed: boolean): Draft {
  const frame = desk.frame();
  const cuts = tool === "cut" && frame ? cutsOf(desk, frame, points, closed) : [];
  return { tool, shapes: [{ kind: "path", points, closed }], proposals: cuts.map((c, i) => preview(desk, c, i)), hint: hintOf(tool, closed, cuts), waiting: false };
}

const preview = ({ outlook: { t, z } }: Desk, { cell, split }: Cut, key: number): Proposal =>
  ({ key, t, z, cell: null, runs: split.leaves, takes: new Map([[cell, split.leaves]]) });

function hintOf(tool: "cut" | "gather", closed: boolean, cuts: readonly Cut[]): string {
  if (tool === "gather") return "Draw around cells; those with more than half of their pixels inside are selected.";
  if (cuts.length > 0) return closed ? `Cuts a piece out of cell ${cuts[0].cell}.` : `Cuts cell ${cuts[0].cell} in two.`;
  return "Draw across a cell to cut it in two; come back to the start, or hold Alt, to cut a piece out.";
}

// ------------------------------------------------------------ cuts

interface Cut {
  readonly cell: number;
  readonly split: Split;
}

/** What this path would cut. */
function cutsOf(desk: Desk, frame: FrameLabels, path: readonly Point[], closed: boolean, named?: readonly number[]): Cut[] {
  const chosen = (named ?? desk.outlook.selected).filter((cell) => frame.has(cell));
  const under = cellsUnder(desk, frame, path);
  const crossed = named ? chosen : chosen.filter((cell) => under.includes(cell) || closed);
  const tried = crossed.length > 0 ? crossed : under;
  const cuts: Cut[] = [];
  for (const cell of tried) {
    const split = closed ? cutByLoop(frame.runsOf(cell), path) : cutByLine(frame.runsOf(cell), path);
    if (split) cuts.push({ cell, split });
    if (split && tried === under) break;
  }
  return cuts;
}

/** Cells of the channel in hand that the path passes, the one most under it first. */
function cellsUnder(desk: Desk, frame: FrameLabels, path: readonly Point[]): number[] {
  const counts = new Map<number, number>();
  const runs = crossedPixels(path);
  for (let i = 0; i < runs.length; i += 3) {
    for (let x = runs[i + 1]; x < runs[i + 1] + runs[i + 2]; x++) {
      for (const cell of frame.cellsAt(x, runs[i])) counts.set(cell, (counts.get(cell) ?? 0) + 1);
    }
  }
  const { channel } = desk.outlook.toolOptions;
  const own = [...counts].filter(([cell]) => (desk.store.facts.get(cell)?.channel ?? null) === channel);
  return own.sort((a, b) => b[1] - a[1]).map(([cell]) => cell);
}

function cut(desk: Desk, { path, closed, cells }: Of<"cell.cut">): void {
  const frame = desk.needEditable();
  const cuts = cutsOf(desk, frame, path, closed, cells);
  if (cuts.length === 0) throw new Refused(closed ? "The loop cuts nothing out: a part of a cell must lie inside, and a part outside." : "The line cuts no cell in two; draw it across a cell, from outside to outside.");
  const pieces = cuts.map(() => desk.takeId());
  const edit = desk.session.run(closed ? "cut-out" : "cut", (tx) => cuts.forEach(({ cell, split }, i) => splitCell(tx, frame, cell, split, pieces[i])));
  desk.set({ draft: null, selected: [...cuts.map(({ cell }) => cell), ...pieces] });
  desk.made(edit);
}

function selectInside(desk: Desk, { path, add }: Of<"select.inside">): void {
  const frame = desk.frame();
  if (!frame || path.length < 3) return;
  const { channel } = desk.outlook.toolOptions;
  const found = cellsInside(frame, path).filter((cell) => (desk.store.facts.get(cell)?.channel ?? null) === channel);
  desk.set({ selected: add ? [...new Set([...desk.outlook.selected, ...found])] : found });
}

export const TRACE_DOERS: Doers<TraceCommand> = {
  "trace.begin": begin,
  "trace.extend": extend,
  "trace.end": end,
  "cell.cut": cut,
  "select.inside": selectInside,
};
