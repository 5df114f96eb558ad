/** Whole cells: make, choose, change. */
import type { Command, EditorState } from "@/editor/door";
import { does, tool } from "./action";
import type { Action } from "./action";
import { takesBack } from "./shape-actions";

const swap = ({ selected: [a, b] }: EditorState): Command | null =>
  a === undefined || b === undefined ? null : { kind: "cell.swap", a, b };

const mergeSelected = ({ selected: [into, ...from] }: EditorState): Command | null =>
  from.length === 0 ? null : { kind: "cell.merge", into, from };

const reassignNew = ({ selected: [cell] }: EditorState): Command | null =>
  cell === undefined ? null : { kind: "cell.reassign", cell, to: "new" };

/** Cells of the same class as the first selected one. */
const sameClass = (state: EditorState): Command | null => {
  const of = state.selected[0];
  return of === undefined ? null : { kind: "select.like", cell: of };
};

const reshapes = (shape: "grow" | "shrink" | "smooth" | "hull" | "trim", title: string): Action =>
  does("Cells", `cell.${shape}`, title, () => ({ kind: "cell.reshape", shape }));

const centre = ({ selected: [cell] }: EditorState): Command | null =>
  cell === undefined ? null : { kind: "camera.centre", cell };

export const CELL_ACTIONS: readonly Action[] = [
  does("Cells", "cell.new", "New cell", () => ({ kind: "cell.new" })),
  does("Cells", "cell.swap", "Swap the two selected cells", swap),
  does("Cells", "cell.delete", "Delete the selected cells, or take the last point back", (s) => takesBack(s) ?? { kind: "cell.delete" }),
  tool("cut", "Cut a cell in two, or a piece out of it"),
  tool("gather", "Select cells by a loop around them"),
  does("Cells", "cell.merge-selected", "Merge the selected cells", mergeSelected),
  does("Cells", "cell.reassign-new", "Give the selected cell a new number", reassignNew),
  reshapes("trim", "Trim: keep the largest piece"),
  reshapes("hull", "Convex hull"),
  reshapes("smooth", "Smooth"),
  reshapes("grow", "Grow"),
  reshapes("shrink", "Shrink"),
  does("Cells", "cell.remove-small", "Remove small pieces of the selected cells, or small cells", () => ({ kind: "cell.remove-small" })),
  does("Cells", "cell.lock", "Lock or unlock the selected cells", () => ({ kind: "cell.lock" })),
  does("Cells", "cell.ignore", "Mark as not for training, or not", () => ({ kind: "cell.ignore" })),
  does("Cells", "cell.doubt", "Uncertain what it is, or not", () => ({ kind: "cell.doubt" })),
  does("Cells", "cell.fill-holes", "Fill holes of the selected cells", () => ({ kind: "cell.fill-holes" })),
  does("Cells", "cell.centre", "Go to the selected cell", centre),
  does("Cells", "select.next", "Next cell", () => ({ kind: "select.step", by: 1 })),
  does("Cells", "select.previous", "Previous cell", () => ({ kind: "select.step", by: -1 })),
  does("Cells", "select.all", "Select all cells of the frame", () => ({ kind: "select.where", where: {} })),
  does("Cells", "select.invert", "Invert the selection", () => ({ kind: "select.invert" })),
  does("Cells", "select.small", "Select small cells", (s) => ({ kind: "select.where", where: { area_px: [0, s.toolOptions.smallest_px - 1] } })),
  does("Cells", "select.border", "Select cells that touch the border", () => ({ kind: "select.where", where: { touchesBorder: true } })),
  does("Cells", "select.same-class", "Select cells of the same class", sameClass),
  does("Cells", "select.unclassed", "Select cells without a class", () => ({ kind: "select.where", where: { class: null } })),
  does("Cells", "select.uncertain", "Select cells that the model is unsure of", () => ({ kind: "select.where", where: { quality: [0, 0.5] } })),
  does("Cells", "select.doubted", "Select cells that people are unsure of", () => ({ kind: "select.where", where: { uncertain: true } })),
  does("Cells", "select.locked", "Select locked cells", () => ({ kind: "select.where", where: { locked: true } })),
  does("Cells", "select.ignored", "Select cells not for training", () => ({ kind: "select.where", where: { ignored: true } })),
  does("Cells", "select.none", "Cancel the gesture, or select nothing", (s) => (s.busy || s.draft ? { kind: "gesture.cancel" } : { kind: "select", cells: [] })),
];
