/** Whole cells: make, choose, change. */
import type { Command, EditorState } from "@/editor/door";
import { does } from "./action";
import type { Action } from "./action";

const swap = ({ selected: [a, b] }: EditorState): Command | null =>
  a === undefined || b === undefined ? null : { kind: "cell.swap", a, b };

const centre = ({ selected: [cell] }: EditorState): Command | null =>
  cell === undefined ? null : { kind: "camera.centre", cell };

export const CELL_ACTIONS: readonly Action[] = [
  does("Cells", "cell.new", "New cell", () => ({ kind: "cell.new" })),
  does("Cells", "cell.swap", "Swap the two selected cells", swap),
  does("Cells", "cell.delete", "Delete the selected cells", () => ({ kind: "cell.delete" })),
  does("Cells", "cell.fill-holes", "Fill holes of the selected cell", () => ({ kind: "cell.fill-holes" })),
  does("Cells", "cell.centre", "Go to the selected cell", centre),
  does("Cells", "select.next", "Next cell", () => ({ kind: "select.step", by: 1 })),
  does("Cells", "select.previous", "Previous cell", () => ({ kind: "select.step", by: -1 })),
  does("Cells", "select.none", "Cancel the gesture, or select nothing", (s) => (s.busy || s.draft ? { kind: "gesture.cancel" } : { kind: "select", cells: [] })),
];
