/** A gesture under way: its shapes, and what it proposes. */
import type { Point } from "@/editor/core/geometry";
import type { Draft, DraftShape, Proposal } from "@/editor/door";
import { cachedPath } from "./cell-paths";
import type { CellPath } from "./cell-paths";
import { DARK, LIGHT, hatch, strokeDashed, strokeTwice } from "./ink";
import { inImage, onCanvas } from "./overlay-scene";
import type { Layer, OverlayScene } from "./overlay-scene";

/** Neighbouring proposals take turns: the two halves of a split must be told apart. */
const TINTS = ["#ffe14d", "#4de1ff", "#ff8de1", "#9dff7a"] as const;
const TAKEN = "#ff7a5c";
const FILL = 0.34;
const DOT_PX = 6;
/** Corners nearer than this to each other are a drawn line, not a polygon. */
const CORNERS_APART_PX = 9;

export const drawDraft: Layer = (context, scene) => {
  const { draft } = scene;
  if (!draft) return false;
  const here = draft.proposals.filter((p) => p.t === scene.t && p.z === scene.z);
  for (const proposal of here) drawTaken(context, scene, proposal);
  for (const proposal of here) drawProposal(context, scene, proposal, draft);
  for (const shape of draft.shapes) drawShape(context, scene, shape);
  return here.length + draft.shapes.length > 0;
};

// ------------------------------------------------------------ proposals

function drawProposal(context: CanvasRenderingContext2D, scene: OverlayScene, proposal: Proposal, draft: Draft): void {
  const tint = TINTS[draft.proposals.indexOf(proposal) % TINTS.length];
  onPath(context, scene, cachedPath(proposal.runs), (path, unit) => {
    context.globalAlpha = FILL;
    context.fillStyle = tint;
    context.fill(path, "evenodd");
    context.globalAlpha = 1;
    strokeTwice(context, path, unit, tint);
  });
}

function drawTaken(context: CanvasRenderingContext2D, scene: OverlayScene, { takes }: Proposal): void {
  for (const runs of takes?.values() ?? []) {
    onPath(context, scene, cachedPath(runs), (path) => {
      context.globalAlpha = 0.6;
      hatch(context, path, TAKEN, scene.size.density);
      context.globalAlpha = 1;
    });
  }
}

/** Draws a cell's path where it is in view; `unit` is one CSS px in image px. */
export function onPath(context: CanvasRenderingContext2D, scene: OverlayScene, cell: CellPath | null, draw: (path: Path2D, unit: number) => void): void {
  if (cell && isInView(scene, cell)) inImage(context, scene, cell.origin, () => draw(cell.at(scene.camera.zoom), 1 / scene.camera.zoom));
}

function isInView(scene: OverlayScene, { bounds }: CellPath): boolean {
  const from = onCanvas(scene, { x: bounds.x_min, y: bounds.y_min });
  const to = onCanvas(scene, { x: bounds.x_max + 1, y: bounds.y_max + 1 });
  return to.x > 0 && to.y > 0 && from.x < scene.size.width && from.y < scene.size.height;
}

// ------------------------------------------------------------ shapes

function drawShape(context: CanvasRenderingContext2D, scene: OverlayScene, shape: DraftShape): void {
  if (shape.kind === "dot") drawDot(context, onCanvas(scene, shape.at), shape.sign);
  else if (shape.kind === "path") drawPath(context, shape.points.map((point) => onCanvas(scene, point)), shape.closed);
  else drawFrame(context, onCanvas(scene, shape.from), onCanvas(scene, shape.to), shape.kind);
}

function drawPath(context: CanvasRenderingContext2D, points: readonly Point[], closed: boolean): void {
  const path = new Path2D();
  points.forEach(({ x, y }, i) => (i === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  if (closed) fillFaintly(context, path, () => path.closePath());
  strokeDashed(context, path, 1);
  if (hasCorners(points)) for (const point of points) drawCorner(context, point);
}

function fillFaintly(context: CanvasRenderingContext2D, path: Path2D, close: () => void = () => undefined): void {
  close();
  context.fillStyle = "rgb(255 255 255 / 14%)";
  context.fill(path, "evenodd");
}

function hasCorners(points: readonly Point[]): boolean {
  const length = points.slice(1).reduce((sum, point, i) => sum + Math.hypot(point.x - points[i].x, point.y - points[i].y), 0);
  return points.length === 1 || length > CORNERS_APART_PX * (points.length - 1);
}

function drawCorner(context: CanvasRenderingContext2D, { x, y }: Point): void {
  context.fillStyle = DARK;
  context.fillRect(x - 3.5, y - 3.5, 7, 7);
  context.fillStyle = LIGHT;
  context.fillRect(x - 2, y - 2, 4, 4);
}

function drawFrame(context: CanvasRenderingContext2D, from: Point, to: Point, kind: "box" | "ellipse"): void {
  const [x, y, width, height] = [Math.min(from.x, to.x), Math.min(from.y, to.y), Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
  const path = new Path2D();
  if (kind === "box") path.rect(x, y, width, height);
  else path.ellipse(x + width / 2, y + height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI);
  fillFaintly(context, path);
  strokeDashed(context, path, 1);
}

/** + takes in, − leaves out, a plain dot marks a place: told apart by sign and shape, not by colour alone. */
function drawDot(context: CanvasRenderingContext2D, { x, y }: Point, sign: 1 | -1 | 0): void {
  const disc = new Path2D();
  if (sign < 0) disc.rect(x - DOT_PX, y - DOT_PX, 2 * DOT_PX, 2 * DOT_PX);
  else disc.arc(x, y, sign === 0 ? DOT_PX - 1 : DOT_PX + 1, 0, 2 * Math.PI);
  context.fillStyle = sign > 0 ? "#1f9d55" : sign < 0 ? "#d0452f" : "#2f6fd0";
  strokeTwice(context, disc, 1, LIGHT, 2);
  context.fill(disc);
  const mark = new Path2D();
  if (sign !== 0) mark.rect(x - 3.5, y - 0.9, 7, 1.8);
  if (sign > 0) mark.rect(x - 0.9, y - 3.5, 1.8, 7);
  context.fillStyle = LIGHT;
  context.fill(mark);
}
