/** Commands that change labels: each is one edit. */
import type { AttributeValue, CellFacts } from "../core/edit";
import type { Point } from "../core/geometry";
import type { Scope } from "../door";
import type { Edit } from "../core/edit";
import type { FrameLabels } from "../core/frame-labels";
import type { Pen } from "../core/stroke";
import { fillAt } from "../core/filling";
import { classesOf, given, withAttribute, without } from "../core/cell-labels";
import type { Axis } from "../core/cell-labels";
import { Refused, changeFacts, deleteCells, mergeCells, needSameChannel, reassignCell, sayOfCells, swapCells } from "../core/operations";
import { reshapeCells } from "../core/reshaping";
import { reassign as reassignTrack, swapIn } from "../core/tracks";
import type { Desk } from "./desk";
import type { Doers } from "./doers";

export type LabelCommand =
  | { readonly kind: "stroke.begin"; readonly with: "brush" | "eraser"; readonly at: Point; /** Of the diameter. */ readonly share?: number }
  | { readonly kind: "stroke.extend"; readonly points: readonly Point[]; readonly share?: number }
  | { readonly kind: "stroke.end" }
  | { readonly kind: "gesture.cancel" }
  | { readonly kind: "fill"; readonly at: Point }
  /** The selected cells, or this one. */
  | { readonly kind: "cell.fill-holes"; readonly cell?: number }
  | { readonly kind: "cell.new" }
  | { readonly kind: "cell.merge"; readonly into: number; readonly from: readonly number[]; readonly scope?: Scope }
  /** The cell here goes into the selected one; with none selected, or none here, it is a click that selects. */
  | { readonly kind: "cell.merge-at"; readonly at: Point }
  | { readonly kind: "cell.delete-at"; readonly at: Point }
  | { readonly kind: "cell.delete"; readonly cells?: readonly number[]; readonly scope?: Scope }
  | { readonly kind: "cell.reassign"; readonly cell: number; readonly to: number | "new"; readonly scope?: Scope }
  | { readonly kind: "cell.swap"; readonly a: number; readonly b: number; readonly scope?: Scope }
  | { readonly kind: "cell.facts"; readonly cells: readonly number[]; readonly facts: Partial<CellFacts> }
  /** In the place of the classes that it excludes; null: without any. Where it excludes none but itself, cells that all carry it lose it. */
  | { readonly kind: "cell.class"; readonly cells: readonly number[]; readonly class: string | null }
  /** Null takes it away. */
  | { readonly kind: "cell.attribute"; readonly cells: readonly number[]; readonly attribute: string; readonly value: AttributeValue | null };


type Of<K extends LabelCommand["kind"]> = Extract<LabelCommand, { kind: K }>;

function beginStroke(desk: Desk, command: Of<"stroke.begin">): void {
  desk.needEditable();
  const pen = command.with === "brush" ? brushPen(desk) : eraserPen(desk, command);
  desk.session.beginStroke(desk.outlook.t, desk.outlook.z, pen, command.at, command.share);
  if (pen.cell !== null && desk.outlook.selected[0] !== pen.cell) desk.set({ selected: [pen.cell] });
}

/** Nothing selected: the stroke makes a new cell. */
function brushPen(desk: Desk): Pen {
  const { brush_px, writeMode } = desk.outlook.toolOptions;
  return { kind: "brush", cell: selectedOrNew(desk), mode: writeMode, diameter_px: Math.round(brush_px) };
}

/** Nothing selected: the cell under the pen is meant. */
function eraserPen(desk: Desk, { at }: Of<"stroke.begin">): Pen {
  const { brush_px, erase } = desk.outlook.toolOptions;
  const [selected] = desk.outlook.selected;
  const [under] = cellsOfChannel(desk, at, desk.outlook.toolOptions.channel);
  if (erase === "selected" && selected === undefined && under === undefined) {
    throw new Refused("No cell is selected; select one, start on one, or let the eraser take any cell.");
  }
  return { kind: "eraser", cell: erase === "any" ? null : (selected ?? under ?? null), diameter_px: Math.round(brush_px) };
}

const selectedOrNew = (desk: Desk): number => desk.outlook.selected[0] ?? desk.takeId();

function extendStroke(desk: Desk, command: Of<"stroke.extend">): void {
  desk.session.extendStroke(command.points, command.share);
}

function cancelGesture(desk: Desk): void {
  desk.session.cancel();
  desk.set({ draft: null });
}

function endStroke(desk: Desk): void {
  desk.made(desk.session.endStroke());
}

/** Through the stack no further than so many planes up and down: each must be read first. */
const FILL_REACH = 64;

function fill(desk: Desk, { at }: Of<"fill">): void {
  const here = desk.needEditable();
  const { writeMode: mode, fillContiguous: contiguous, fillDiagonal: diagonal, fillThrough } = desk.outlook.toolOptions;
  const cell = selectedOrNew(desk);
  const reach = fillThrough === "stack" ? FILL_REACH : 0;
  const [first, last] = [Math.max(0, here.z - reach), Math.min(desk.document.size.z - 1, here.z + reach)];
  const places = Array.from({ length: last - first + 1 }, (_, i) => ({ t: here.t, z: first + i }));
  desk.withFrames(places, (stack) => {
    const options = { mode, contiguous, diagonal };
    const edit = desk.session.run("fill", (tx) => fillAt(tx, stack, here.z - first, Math.floor(at.x), Math.floor(at.y), cell, options));
    if (edit) desk.set({ selected: [cell] });
    desk.made(edit);
  });
}

function fillCellHoles(desk: Desk, command: Of<"cell.fill-holes">): void {
  const frame = desk.needEditable();
  const cells = command.cell === undefined ? needSelected(desk) : [command.cell];
  desk.made(desk.session.run("fill-holes", (tx) => reshapeCells(tx, frame, cells, { kind: "fill-holes" }, desk.outlook.toolOptions.writeMode)));
}

/** The next stroke draws a new cell. */
function newCell(desk: Desk): void {
  desk.needEditable();
  desk.set({ selected: [desk.takeId()] });
}

function merge(desk: Desk, { into, from, scope }: Of<"cell.merge">): void {
  onFrames(desk, scope, [into, ...from], (frames) => {
    const heirs = new Map(from.map((cell) => [cell, into]));
    const { mergeFillsHoles: fillsHoles, mergeBridge_px: bridge_px, writeMode: mode } = desk.outlook.toolOptions;
    const edit = desk.session.run("merge", (tx) => {
      needExisting(desk, into);
      mergeCells(tx, frames, into, from, { fillsHoles, bridge_px, mode });
    }, heirs, from);
    desk.set({ selected: [into] });
    return edit;
  });
}

/** Cells here that outline this channel's structure (null: whole cells). */
function cellsOfChannel(desk: Desk, at: Point, channel: number | null): number[] {
  const here = desk.frame()?.cellsAt(Math.floor(at.x), Math.floor(at.y)) ?? [];
  return here.filter((cell) => (desk.store.facts.get(cell)?.channel ?? null) === channel);
}

function mergeAt(desk: Desk, { at }: Of<"cell.merge-at">): void {
  const [into] = desk.outlook.selected;
  const facts = into === undefined ? null : desk.store.facts.get(into);
  const from = facts ? cellsOfChannel(desk, at, facts.channel).find((cell) => cell !== into) : undefined;
  if (into !== undefined && from !== undefined) {
    merge(desk, { kind: "cell.merge", into, from: [from] });
    return;
  }
  const [here] = cellsOfChannel(desk, at, desk.outlook.toolOptions.channel);
  desk.set({ selected: here === undefined ? [] : [here] });
}

function removeAt(desk: Desk, { at }: Of<"cell.delete-at">): void {
  desk.needEditable();
  const [cell] = cellsOfChannel(desk, at, desk.outlook.toolOptions.channel);
  if (cell !== undefined) remove(desk, { kind: "cell.delete", cells: [cell] });
}

function remove(desk: Desk, command: Of<"cell.delete">): void {
  const cells = command.cells ?? needSelected(desk);
  onFrames(desk, command.scope, cells, (frames) => {
    const edit = desk.session.run("delete", (tx) => deleteCells(tx, frames, cells), undefined, cells);
    const gone = new Set(cells);
    desk.set({ selected: desk.outlook.selected.filter((cell) => !gone.has(cell)) });
    return edit;
  });
}

/** In a movie whole parts of tracks change their number by name: no frame has to be read for it. */
const byName = (desk: Desk, scope: Scope): scope is Exclude<Scope, "frame"> => desk.store.size.t > 1 && scope !== "frame";

function reassign(desk: Desk, { cell, to, scope }: Of<"cell.reassign">): void {
  const reach = scopeOf(desk, scope);
  if (to === "new" && byName(desk, reach)) {
    desk.needEditable();
    let id = cell;
    const edit = desk.session.run("reassign", (tx) => {
      id = reassignTrack(tx, cell, "new", reach, desk.outlook.t, () => desk.takeId());
    });
    desk.set({ selected: [id] });
    desk.made(edit);
    return;
  }
  const target = to === "new" ? desk.takeId() : to;
  onFrames(desk, scope, [cell], (frames) => {
    const heirs = new Map([[cell, target]]);
    const edit = desk.session.run("reassign", (tx) => reassignCell(tx, frames, cell, target, scopeOf(desk, scope)), heirs, [cell]);
    desk.set({ selected: [target] });
    return edit;
  });
}

function swap(desk: Desk, { a, b, scope }: Of<"cell.swap">): void {
  const reach = scopeOf(desk, scope);
  if (byName(desk, reach)) {
    desk.needEditable();
    const edit = desk.session.run("swap", (tx) => {
      needExisting(desk, a);
      needExisting(desk, b);
      needSameChannel(tx, [a, b]);
      swapIn(tx, a, b, reach, desk.outlook.t);
    });
    desk.made(edit);
    return;
  }
  onFrames(desk, scope, [a, b], (frames) =>
    desk.session.run("swap", (tx) => {
      needExisting(desk, a);
      needExisting(desk, b);
      swapCells(tx, frames, a, b, scopeOf(desk, scope), desk.outlook.t);
    }),
  );
}

function giveClass(desk: Desk, { cells, class: chosen }: Of<"cell.class">): void {
  desk.needEditable();
  const axes = new Map(desk.document.classes.map(({ id, axis }) => [id, axis ?? ""]));
  const axis: Axis = (one) => axes.get(one) ?? "";
  const isAlone = chosen !== null && axis(chosen) === chosen;
  const takesAway = isAlone && cells.every((cell) => classesOf(desk.store.facts.get(cell)).includes(chosen));
  desk.made(desk.session.run("class", (tx) => sayOfCells(tx, cells, (facts) => (takesAway ? without(facts, chosen) : given(facts, chosen, axis)))));
}

function giveAttribute(desk: Desk, { cells, attribute, value }: Of<"cell.attribute">): void {
  desk.needEditable();
  desk.made(desk.session.run("attribute", (tx) => sayOfCells(tx, cells, (facts) => withAttribute(facts, attribute, value))));
}

function setFacts(desk: Desk, { cells, facts }: Of<"cell.facts">): void {
  desk.needEditable();
  desk.made(desk.session.run("facts", (tx) => changeFacts(tx, cells, facts)));
}

/** A command that names no scope has the one chosen for all tools. */
const scopeOf = (desk: Desk, scope: Scope | undefined): Scope => scope ?? desk.outlook.toolOptions.scope;

export function onFrames(desk: Desk, scope: Scope | undefined, cells: readonly number[], run: (frames: readonly FrameLabels[]) => Edit | null): void {
  desk.needEditable();
  desk.withFrames(desk.framesOf(scopeOf(desk, scope), cells), (frames) => desk.made(run(frames)));
}

export function needSelected(desk: Desk): readonly number[] {
  if (desk.outlook.selected.length === 0) throw new Refused("No cell is selected; click one first.");
  return desk.outlook.selected;
}

export function needExisting(desk: Desk, cell: number): void {
  if (!desk.store.facts.has(cell)) throw new Refused(`Cell ${cell} does not exist; draw it first.`);
}

export const LABEL_DOERS: Doers<LabelCommand> = {
  "stroke.begin": beginStroke,
  "stroke.extend": extendStroke,
  "stroke.end": endStroke,
  "gesture.cancel": cancelGesture,
  fill,
  "cell.fill-holes": fillCellHoles,
  "cell.new": newCell,
  "cell.merge": merge,
  "cell.merge-at": mergeAt,
  "cell.delete-at": removeAt,
  "cell.delete": remove,
  "cell.reassign": reassign,
  "cell.swap": swap,
  "cell.facts": setFacts,
  "cell.class": giveClass,
  "cell.attribute": giveAttribute,
};
