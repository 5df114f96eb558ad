/** Tools and their settings. */
import type { WriteMode } from "@/editor/core/frame-writer";
import { does, tool } from "./action";
import type { Action } from "./action";

const MODES: readonly WriteMode[] = ["keep", "overwrite", "overlap"];
const nextMode = (mode: WriteMode): WriteMode => MODES[(MODES.indexOf(mode) + 1) % MODES.length];

export const TOOL_ACTIONS: readonly Action[] = [
  tool("select", "Select"),
  tool("brush", "Brush"),
  tool("eraser", "Eraser"),
  does("Tools", "tool.toggle-eraser", "Swap brush and eraser", (s) => ({ kind: "tool", tool: s.tool === "eraser" ? "brush" : "eraser" })),
  tool("fill", "Fill"),
  tool("merge", "Merge"),
  tool("delete", "Delete by clicking"),
  tool("pan", "Pan; hold to hide labels"),
  does("Tools", "brush.larger", "Larger brush", () => ({ kind: "brush.resize", factor: 1.2 })),
  does("Tools", "brush.smaller", "Smaller brush", () => ({ kind: "brush.resize", factor: 1 / 1.2 })),
  does("Tools", "mode.next", "Next write mode", (s) => ({ kind: "tool.options", options: { writeMode: nextMode(s.toolOptions.writeMode) } })),
];
