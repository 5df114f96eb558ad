/** Commands on whole cells: shape by morphology, locks, ignored regions, many at once. */
import type { ToolOptions } from "../door";
import type { FrameLabels } from "../core/frame-labels";
import { classesOf, tidied } from "../core/cell-labels";
import { Refused, changeFacts, deleteCells, sayOfCells } from "../core/operations";
import { reshapeCells } from "../core/reshaping";
import type { Reshape } from "../core/reshaping";
import { cellsWhere } from "../core/selecting";
import type { Criteria } from "../core/selecting";
import type { Desk } from "./desk";
import type { Doers } from "./doers";
import { needSelected } from "./label-commands";

export type CellCommand =
  /** The selected cells (or these) in the present frame; `by_px` left out: as the options say. */
  | { readonly kind: "cell.reshape"; readonly shape: Exclude<Reshape["kind"], "fill-holes" | "remove-small">; readonly by_px?: number; readonly cells?: readonly number[] }
  /** Small pieces of the selected cells (or of these); with nothing selected, small cells of the frame. */
  | { readonly kind: "cell.remove-small"; readonly smallest_px?: number; readonly cells?: readonly number[] }
  /** Left out which: locks, or unlocks when all are locked. */
  | { readonly kind: "cell.lock"; readonly locked?: boolean; readonly cells?: readonly number[] }
  /** That people are not sure what it is. */
  | { readonly kind: "cell.doubt"; readonly uncertain?: boolean; readonly cells?: readonly number[] }
  | { readonly kind: "cell.ignore"; readonly ignored?: boolean; readonly cells?: readonly number[] }
  /** Cells of the frame and of the channel in hand; locked ones only where `where` asks for them. */
  | { readonly kind: "select.where"; readonly where: Criteria; readonly add?: boolean }
  /** Those of the same class as this one. */
  | { readonly kind: "select.like"; readonly cell: number }
  | { readonly kind: "select.invert" };

type Of<K extends CellCommand["kind"]> = Extract<CellCommand, { kind: K }>;

const MOST_SHAPE_PX = 100;

function reshape(desk: Desk, command: Of<"cell.reshape">): void {
  const frame = desk.needEditable();
  const cells = needHere(frame, command.cells ?? needSelected(desk));
  const { toolOptions } = desk.outlook;
  const shape = shapeOf(command, toolOptions);
  desk.made(desk.session.run(command.shape, (tx) => reshapeCells(tx, frame, cells, shape, toolOptions.writeMode)));
}

function shapeOf({ shape, by_px: asked }: Of<"cell.reshape">, options: ToolOptions): Reshape {
  const by_px = asked ?? options.shape_px;
  if (shape === "hull" || shape === "trim") return { kind: shape };
  if (!(by_px >= 1 && by_px <= MOST_SHAPE_PX)) throw new Refused(`Choose a number of pixels from 1 to ${MOST_SHAPE_PX}, not ${by_px}.`);
  if (shape === "smooth") return { kind: "smooth", by: options.smoothBy, by_px: Math.round(by_px) };
  return { kind: shape, by_px };
}

function needHere(frame: FrameLabels, cells: readonly number[]): readonly number[] {
  const here = cells.filter((cell) => frame.has(cell));
  if (here.length === 0) throw new Refused(cells.length === 1 ? `Cell ${cells[0]} has no pixel in this frame.` : "None of the selected cells has a pixel in this frame.");
  return here;
}

function removeSmall(desk: Desk, command: Of<"cell.remove-small">): void {
  const frame = desk.needEditable();
  const { selected, toolOptions } = desk.outlook;
  const smallest_px = command.smallest_px ?? toolOptions.smallest_px;
  const cells = command.cells ?? selected;
  if (cells.length > 0) {
    const here = needHere(frame, cells);
    desk.made(desk.session.run("remove-small", (tx) => reshapeCells(tx, frame, here, { kind: "remove-small", smallest_px }, toolOptions.writeMode)));
    return;
  }
  const small = meant(desk, frame, { area_px: [0, smallest_px - 1] });
  if (small.length === 0) throw new Refused(`No cell of this frame has fewer than ${smallest_px} px.`);
  desk.made(desk.session.run("remove-small", (tx) => deleteCells(tx, [frame], small)));
}

function lock(desk: Desk, { locked, cells }: Of<"cell.lock">): void {
  flag(desk, "locked", locked, cells);
}

function ignore(desk: Desk, { ignored, cells }: Of<"cell.ignore">): void {
  flag(desk, "ignored", ignored, cells);
}

function doubt(desk: Desk, { uncertain, cells }: Of<"cell.doubt">): void {
  flag(desk, "uncertain", uncertain, cells);
}

/** Only cells that differ are changed: the others would be refused where they are locked already. */
function flag(desk: Desk, key: "locked" | "ignored" | "uncertain", asked: boolean | undefined, named: readonly number[] | undefined): void {
  desk.needEditable();
  const cells = named ?? needSelected(desk);
  const { facts } = desk.store;
  const value = asked ?? !cells.every((cell) => facts.get(cell)?.[key]);
  const different = cells.filter((cell) => (facts.get(cell)?.[key] ?? false) !== value);
  desk.made(desk.session.run(value ? key : `not-${key}`, (tx) => (key === "uncertain" ? sayOfCells(tx, different, (now) => tidied({ ...now, uncertain: value })) : changeFacts(tx, different, { [key]: value }))));
}

// ------------------------------------------------------------ which cells

/** By default those that a tool could change: of the channel in hand, not locked. */
function meant(desk: Desk, frame: FrameLabels, where: Criteria): number[] {
  const { channel, lockedClasses } = desk.outlook.toolOptions;
  const locked = new Set(lockedClasses);
  const found = cellsWhere(frame, desk.store.facts, { channel, ...(where.locked === undefined && { locked: false }), ...where });
  if (locked.size === 0 || where.locked !== undefined) return found;
  return found.filter((cell) => !classesOf(desk.store.facts.get(cell)).some((one) => locked.has(one)));
}

function selectWhere(desk: Desk, { where, add }: Of<"select.where">): void {
  const frame = desk.frame();
  if (!frame) return;
  const found = meant(desk, frame, where);
  desk.set({ selected: add ? [...new Set([...desk.outlook.selected, ...found])] : found });
}

function selectLike(desk: Desk, { cell }: Of<"select.like">): void {
  selectWhere(desk, { kind: "select.where", where: { class: desk.store.facts.get(cell)?.class ?? null } });
}

function invertSelection(desk: Desk): void {
  const frame = desk.frame();
  if (!frame) return;
  const selected = new Set(desk.outlook.selected);
  desk.set({ selected: meant(desk, frame, {}).filter((cell) => !selected.has(cell)) });
}

export const CELL_DOERS: Doers<CellCommand> = {
  "cell.reshape": reshape,
  "cell.remove-small": removeSmall,
  "cell.lock": lock,
  "cell.doubt": doubt,
  "cell.ignore": ignore,
  "select.where": selectWhere,
  "select.like": selectLike,
  "select.invert": invertSelection,
};
