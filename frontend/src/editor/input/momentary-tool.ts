/** Which tool a button means, pressed with these modifier keys by a hand with these habits. */
import type { ToolName } from "../door";
import type { Habits } from "./habits";

/** `resize`: the pen gets another size. `menu`: a click shows the menu, a drag pans. */
export type HandTool = ToolName | "resize" | "menu";

/** What of a pointer event says which tool is meant. */
export interface HandPress {
  readonly button: number;
  readonly pointerType: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

const LEFT = 0;
const MIDDLE = 1;
const RIGHT = 2;
/** The other end of a pen. */
const RUBBER = 5;

const isPen = (tool: ToolName): boolean => tool === "brush" || tool === "eraser";

export function momentaryTool(press: HandPress, tool: ToolName, ownsRight: boolean, habits: Habits): HandTool {
  if (press.button === MIDDLE) return "pan";
  if (press.button === RUBBER) return "eraser";
  if (press.button === RIGHT) return ownsRight ? tool : rightTool(press, tool, habits);
  return press.button === LEFT ? leftTool(press, tool, habits) : tool;
}

/** The barrel button of a pen erases in every preset. */
function rightTool(press: HandPress, tool: ToolName, habits: Habits): HandTool {
  if (press.pointerType === "pen" && isPen(tool)) return "eraser";
  if (habits.right === "draw") return "brush";
  if (habits.right === "menu" || !isPen(tool)) return "menu";
  return tool === "brush" ? "eraser" : "brush";
}

function leftTool(press: HandPress, tool: ToolName, habits: Habits): HandTool {
  if (habits.ctrlClick === "delete" && (press.ctrlKey || press.metaKey)) return "delete";
  if (press.altKey && isPen(tool)) return habits.altDrag === "erase" ? (tool === "brush" ? "eraser" : "brush") : altTool(habits, "resize");
  return press.altKey ? altTool(habits, tool) : tool;
}

const altTool = (habits: Habits, otherwise: HandTool): HandTool => (habits.altClick === "merge" ? "merge" : otherwise);
