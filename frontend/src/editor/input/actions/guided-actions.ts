/** Tools that look at the grey values. */
import { does, tool } from "./action";
import type { Action } from "./action";

export const GUIDED_ACTIONS: readonly Action[] = [
  tool("threshold", "Threshold in a box"),
  tool("watershed", "Split a cell with two clicks"),
  tool("wand", "Magic wand"),
  does("Cells", "cell.autofit", "Fit the selected cells to the edges", () => ({ kind: "cell.autofit" })),
];
