/**
 * Polygons of corners: drawn click by click, or opened from a cell to move its corners. The draft holds everything:
 * the corners as paths, the pixels that Enter would write as a proposal.
 */
import type { Draft, DraftShape, Proposal } from "@/editor/door";
import type { FrameLabels } from "@/editor/core/frame-labels";
import type { Point } from "@/editor/core/geometry";
import { fillPolygon } from "@/editor/core/polygon-fill";
import { Refused } from "@/editor/core/refused";
import { difference, lineOfRuns, runsOfLine } from "@/editor/core/runs";
import { awayFrom, polygonsOfRuns, runsOfPolygons } from "@/editor/craft/polygon";
import type { Polygon } from "@/editor/craft/polygon";
import { needUnlocked } from "../guided/looking";
import type { Desk } from "../desk";
import { targetCell, writeShape } from "./writing";

export type OutlineCommand =
  /** A click: the next corner; on the first one it closes. */
  | { readonly kind: "outline.point"; readonly at: Point; readonly subtract?: boolean }
  /** The pointer is here: the line to it is shown. */
  | { readonly kind: "outline.look"; readonly at: Point }
  /** Takes hold of the corner here, or of a new one on the line here. */
  | { readonly kind: "outline.grab"; readonly at: Point }
  | { readonly kind: "outline.drag"; readonly to: Point }
  /** Takes out the corner here; without a place the last one. */
  | { readonly kind: "outline.remove"; readonly at?: Point }
  | { readonly kind: "outline.close"; readonly subtract?: boolean }
  /** Opens the selected cell (or this one) as a polygon. */
  | { readonly kind: "outline.edit"; readonly cell?: number };

type Of<K extends OutlineCommand["kind"]> = Extract<OutlineCommand, { kind: K }>;

/** A press so near takes hold of a corner or line, CSS px. */
const NEAR_PX = 8;
const DRAW_HINT = "Click the next corner; the first corner, a double click or Enter closes, Backspace takes the last one back. Shift takes the shape away.";
const EDIT_HINT = "Drag corners, or a line to bend it; Ctrl+click takes a corner out. Enter accepts, Esc drops.";

/** The corner that was last touched: of which ring, and the how manieth. */
interface Hold {
  readonly ring: number;
  readonly corner: number;
}
const holds = new WeakMap<Desk, Hold>();

/** Corners of the polygon draft under way, ring by ring; null when there is none. */
export function ringsOf({ outlook: { draft } }: Desk): readonly Polygon[] | null {
  if (draft?.tool !== "polygon") return null;
  const paths = draft.shapes.flatMap((shape) => (shape.kind === "path" ? [shape.points] : []));
  return draft.cell === undefined ? paths.slice(0, 1) : paths;
}

const near = (desk: Desk): number => NEAR_PX / desk.outlook.camera.zoom;

// ------------------------------------------------------------ drawing

export function addPoint(desk: Desk, { at, subtract }: Of<"outline.point">): void {
  desk.needEditable();
  const [corners] = ringsOf(desk) ?? [[]];
  if (desk.outlook.draft?.cell !== undefined) return;
  const closes = corners.length >= 3 && distanceOf(at, corners[0]) <= near(desk);
  if (closes) closeOutline(desk, { kind: "outline.close", subtract });
  else show(desk, [...corners, at], at);
}

export function lookOutline(desk: Desk, { at }: Of<"outline.look">): void {
  const rings = ringsOf(desk);
  if (rings?.[0] && desk.outlook.draft?.cell === undefined) show(desk, rings[0], at);
}

function show(desk: Desk, corners: Polygon, pointer: Point | null): void {
  const { t, z } = desk.outlook;
  const runs = corners.length >= 3 ? fillPolygon(corners) : [];
  const rubber: DraftShape[] = pointer && corners.length > 0 ? [{ kind: "path", points: [corners[corners.length - 1], pointer], closed: false }] : [];
  const shapes: DraftShape[] = [{ kind: "path", points: corners, closed: false }, ...rubber, ...dotsOf(corners)];
  const proposals = runs.length > 0 ? [{ key: 0, t, z, cell: targetCell(desk, "polygon"), runs }] : [];
  desk.set({ draft: { tool: "polygon", shapes, proposals, hint: DRAW_HINT, waiting: false } });
}

const dotsOf = (corners: Polygon): DraftShape[] => corners.map((at) => ({ kind: "dot", at, sign: 0 }));
const distanceOf = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

// ------------------------------------------------------------ an existing cell

export function editOutline(desk: Desk, { cell: asked }: Of<"outline.edit">): void {
  const frame = desk.needEditable();
  const cell = asked ?? desk.outlook.selected[0];
  if (cell === undefined) throw new Refused("No cell is selected; click one first.");
  if (!frame.has(cell)) throw new Refused(`Cell ${cell} has no pixel in this frame.`);
  needUnlocked(desk, cell);
  const rings = polygonsOfRuns(frame.runsOf(cell), desk.outlook.toolOptions.outlineTolerance_px);
  desk.set({ tool: "polygon", selected: [cell, ...desk.outlook.selected.filter((other) => other !== cell)], draft: null });
  holds.delete(desk);
  showEdit(desk, cell, rings, []);
}

/** Until a corner was moved there is nothing to accept. */
function showEdit(desk: Desk, cell: number, rings: readonly Polygon[], proposals: readonly Proposal[]): void {
  const shapes: DraftShape[] = [...rings.map((points): DraftShape => ({ kind: "path", points, closed: true })), ...rings.flatMap(dotsOf)];
  const draft: Draft = { tool: "polygon", shapes, proposals, hint: EDIT_HINT, waiting: false, cell };
  desk.set({ draft });
}

function reshaped(frame: FrameLabels, cell: number, rings: readonly Polygon[]): Proposal[] {
  const [before, after] = [lineOfRuns(frame.runsOf(cell)), lineOfRuns(runsOfPolygons(rings))];
  const [added, taken] = [runsOfLine(difference(after, before)), runsOfLine(difference(before, after))];
  if (added.length === 0 && taken.length === 0) return [];
  return [{ key: 0, t: frame.t, z: frame.z, cell, runs: added, takes: new Map([[cell, taken]]) }];
}

/** Shows changed corners, of a cell's outline or of a polygon that is being drawn. */
function change(desk: Desk, rings: readonly Polygon[]): void {
  const frame = desk.needEditable();
  const cell = desk.outlook.draft?.cell;
  if (cell === undefined) show(desk, rings[0], null);
  else showEdit(desk, cell, rings, reshaped(frame, cell, rings));
}

// ------------------------------------------------------------ corners

/** Where a press takes hold; `isNew`: on a line between two corners. */
export function holdAt(rings: readonly Polygon[], closed: boolean, at: Point, within: number): (Hold & { readonly isNew: boolean }) | null {
  let best: (Hold & { readonly isNew: boolean }) | null = null;
  let away = within;
  rings.forEach((corners, ring) => corners.forEach((corner, i) => {
    if (distanceOf(corner, at) <= away) [best, away] = [{ ring, corner: i, isNew: false }, distanceOf(corner, at)];
  }));
  if (best || !closed) return best;
  rings.forEach((corners, ring) => corners.forEach((corner, i) => {
    const off = awayFrom(at, corner, corners[(i + 1) % corners.length]);
    if (off <= away) [best, away] = [{ ring, corner: i + 1, isNew: true }, off];
  }));
  return best;
}

export function grabCorner(desk: Desk, { at }: Of<"outline.grab">): void {
  const rings = ringsOf(desk);
  holds.delete(desk);
  if (!rings) return;
  const hold = holdAt(rings, desk.outlook.draft?.cell !== undefined, at, near(desk));
  if (!hold) return;
  holds.set(desk, hold);
  if (hold.isNew) change(desk, withRing(rings, hold.ring, rings[hold.ring].toSpliced(hold.corner, 0, at)));
}

export function dragCorner(desk: Desk, { to }: Of<"outline.drag">): void {
  const [rings, hold] = [ringsOf(desk), holds.get(desk)];
  if (rings && hold) change(desk, withRing(rings, hold.ring, rings[hold.ring].with(hold.corner, to)));
}

export function removeCorner(desk: Desk, { at }: Of<"outline.remove">): void {
  const rings = ringsOf(desk);
  if (!rings) return;
  const editing = desk.outlook.draft?.cell !== undefined;
  const last = { ring: 0, corner: rings[0].length - 1 };
  const hold = at ? holdAt(rings, false, at, near(desk)) : editing ? holds.get(desk) : last;
  if (!hold) return;
  const left = rings[hold.ring].toSpliced(hold.corner, 1);
  holds.delete(desk);
  if (editing && left.length < 3) throw new Refused("An outline needs three corners; delete the cell to take it away.");
  if (left.length === 0) desk.set({ draft: null });
  else change(desk, withRing(rings, hold.ring, left));
}

const withRing = (rings: readonly Polygon[], ring: number, corners: Polygon): Polygon[] => rings.map((other, i) => (i === ring ? corners : other));

export function closeOutline(desk: Desk, { subtract = false }: Of<"outline.close">): void {
  const [rings, { draft }] = [ringsOf(desk), desk.outlook];
  if (!rings || !draft) return;
  if (draft.cell !== undefined) throw new Refused("Press Enter to accept the outline, Esc to drop it.");
  if (rings[0].length < 3) throw new Refused("A polygon needs three corners or more; click another one, or press Esc.");
  desk.set({ draft: null });
  writeShape(desk, "polygon", fillPolygon(rings[0]), subtract);
}
