import type { ToolName } from "@/editor";

/** What a hand does with each tool, for the status line while nothing else has to be said. */
export const TOOL_WORDS: Readonly<Record<ToolName, string>> = {
  select: "Click a cell to choose it, with Shift to add; drag to pan; Ctrl+click deletes; right click for its menu",
  pan: "Drag to move the picture",
  brush: "Drag to paint the selected cell, or a new one; the right button erases; Alt+drag changes the size",
  eraser: "Drag to erase; the right button paints; Alt+drag changes the size",
  fill: "Click into a hole or an empty region to fill it",
  merge: "Click the cell that stays, then those that join it",
  delete: "Click a cell to delete it",
  cut: "Draw a line across the cell to divide it",
  gather: "Draw around cells to choose them",
  polygon: "Click corner after corner; Enter or a double click closes",
  lasso: "Draw around the cell; it closes when you let go",
  magnetic: "Click along the edge; the line clings to it; Enter or a double click closes",
  box: "Drag from corner to corner, or click for one of the size set above",
  ellipse: "Drag from corner to corner, or click for one of the size set above",
  point: "Click to set a point",
  threshold: "Drag a box; what is brighter inside becomes cells",
  watershed: "Click two places inside a cell to divide it between them",
  wand: "Press on the cell and drag: right for more, left for less",
  link: "Choose a cell, go to the next frame, click what it has become there; Ctrl+click chooses another",
  divide: "Choose the mother, go to the frame after her division, click each daughter; Ctrl+click chooses another",
  follow: "Click the cell; the next frame comes by itself; click it again. Where nothing is outlined, the click makes a mask; Ctrl+click chooses another",
  prompt: "Click on the cell; more clicks, a box or the right button say more",
};
