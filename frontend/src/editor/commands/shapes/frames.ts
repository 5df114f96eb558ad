/** Box, ellipse, point and lasso: shapes of one drag or one click. */
import type { Draft, DraftShape } from "@/editor/door";
import { clamp } from "@/editor/core/geometry";
import type { Point } from "@/editor/core/geometry";
import { fillPolygon } from "@/editor/core/polygon-fill";
import { sweepDisc } from "@/editor/core/rasterize";
import type { Runs } from "@/editor/core/runs";
import { Refused } from "@/editor/core/refused";
import { runsOfBox, runsOfEllipse } from "@/editor/craft/ellipse";
import type { Desk } from "../desk";
import { targetCell, writeShape } from "./writing";

export type FrameShape = "box" | "ellipse";

export type FrameShapeCommand =
  /** What a drag has drawn so far; `even`: a square or a circle. */
  | { readonly kind: "shape.drag"; readonly shape: FrameShape; readonly from: Point; readonly to: Point; readonly even?: boolean }
  | { readonly kind: "shape.draw"; readonly shape: FrameShape; readonly from: Point; readonly to: Point; readonly even?: boolean; readonly subtract?: boolean }
  /** One of the size in the settings, its middle here. */
  | { readonly kind: "shape.place"; readonly shape: FrameShape | "point"; readonly at: Point; readonly subtract?: boolean }
  | { readonly kind: "lasso.begin"; readonly at: Point }
  | { readonly kind: "lasso.extend"; readonly points: readonly Point[] }
  | { readonly kind: "lasso.end"; readonly subtract?: boolean }
  /** In one go: what lies inside the closed path. */
  | { readonly kind: "shape.polygon"; readonly points: readonly Point[]; readonly subtract?: boolean };

type Of<K extends FrameShapeCommand["kind"]> = Extract<FrameShapeCommand, { kind: K }>;

const MOST_PX = 4096;

const RUNS_OF: Readonly<Record<FrameShape, (from: Point, to: Point) => Runs>> = { box: runsOfBox, ellipse: runsOfEllipse };

export function dragShape(desk: Desk, { shape, from, to, even = false }: Of<"shape.drag">): void {
  desk.needEditable();
  const end = even ? evened(from, to) : to;
  const [width, height] = [Math.round(Math.abs(end.x - from.x)), Math.round(Math.abs(end.y - from.y))];
  const runs = isTooLarge(from, end) ? [] : RUNS_OF[shape](from, end);
  desk.set({ draft: draftOf(desk, shape, { kind: shape, from, to: end }, runs, `${width} × ${height} px. Ctrl makes it even, Shift takes it away.`) });
}

export function drawShape(desk: Desk, { shape, from, to, even = false, subtract = false }: Of<"shape.draw">): void {
  desk.set({ draft: null });
  const end = even ? evened(from, to) : to;
  if (isTooLarge(from, end)) throw new Refused(`A shape may be at most ${MOST_PX} px wide and high.`);
  writeShape(desk, shape, RUNS_OF[shape](from, end), subtract);
}

export function placeShape(desk: Desk, { shape, at, subtract = false }: Of<"shape.place">): void {
  const { shapeWidth_px, shapeHeight_px, point_px } = desk.outlook.toolOptions;
  if (shape === "point") {
    writeShape(desk, "point", discAt(at, clamp(point_px, 1, MOST_PX)), subtract);
    return;
  }
  const [width, height] = [clamp(shapeWidth_px, 1, MOST_PX), clamp(shapeHeight_px, 1, MOST_PX)];
  const from = { x: Math.floor(at.x - width / 2 + 0.5), y: Math.floor(at.y - height / 2 + 0.5) };
  writeShape(desk, shape, RUNS_OF[shape](from, { x: from.x + width, y: from.y + height }), subtract);
}

function discAt(at: Point, diameter_px: number): Runs {
  const runs: number[] = [];
  const middle = { x: Math.floor(at.x) + 0.5, y: Math.floor(at.y) + 0.5 };
  sweepDisc(middle, middle, diameter_px, (y, x0, x1) => runs.push(y, x0, x1 - x0));
  return runs.length > 0 ? runs : [Math.floor(at.y), Math.floor(at.x), 1];
}

const isTooLarge = (a: Point, b: Point): boolean => Math.abs(a.x - b.x) > MOST_PX || Math.abs(a.y - b.y) > MOST_PX;

/** The shorter side as long as the longer one. */
function evened(from: Point, to: Point): Point {
  const side = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  return { x: from.x + (to.x < from.x ? -side : side), y: from.y + (to.y < from.y ? -side : side) };
}

function draftOf(desk: Desk, tool: FrameShape | "lasso", shape: DraftShape, runs: Runs, hint: string): Draft {
  const { t, z } = desk.outlook;
  const proposals = runs.length > 0 ? [{ key: 0, t, z, cell: targetCell(desk, tool), runs }] : [];
  return { tool, shapes: [shape], proposals, hint, waiting: false };
}

// ------------------------------------------------------------ lasso

/** Samples nearer than this add nothing, image px. */
const STEP_PX = 0.5;
const LASSO_HINT = "Draw around the cell; the release closes the loop. Shift takes it away.";

const lassoDraft = (points: readonly Point[]): Draft =>
  ({ tool: "lasso", shapes: [{ kind: "path", points, closed: true }], proposals: [], hint: LASSO_HINT, waiting: false });

export function beginLasso(desk: Desk, { at }: Of<"lasso.begin">): void {
  desk.needEditable();
  desk.set({ draft: lassoDraft([at]) });
}

export function extendLasso(desk: Desk, { points }: Of<"lasso.extend">): void {
  const path = lassoOf(desk);
  if (!path) return;
  const longer = [...path];
  for (const point of points) {
    const last = longer[longer.length - 1];
    if (Math.hypot(point.x - last.x, point.y - last.y) >= STEP_PX) longer.push(point);
  }
  desk.set({ draft: lassoDraft(longer) });
}

export function endLasso(desk: Desk, { subtract = false }: Of<"lasso.end">): void {
  const path = lassoOf(desk);
  if (!path) return;
  desk.set({ draft: null });
  writeShape(desk, "lasso", fillPolygon(path), subtract);
}

function lassoOf({ outlook: { draft } }: Desk): readonly Point[] | null {
  const shape = draft?.tool === "lasso" ? draft.shapes[0] : undefined;
  return shape?.kind === "path" ? shape.points : null;
}

export function drawPolygon(desk: Desk, { points, subtract = false }: Of<"shape.polygon">): void {
  if (points.length < 3) throw new Refused("A polygon needs three corners or more.");
  writeShape(desk, "polygon", fillPolygon(points), subtract);
}
