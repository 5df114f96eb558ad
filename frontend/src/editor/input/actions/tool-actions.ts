/** Tools and their settings. */
import type { WriteMode } from "@/editor/core/frame-writer";
import type { Scope } from "@/editor/door";
import { does, tool } from "./action";
import type { Action } from "./action";

const MODES: readonly WriteMode[] = ["keep", "overwrite", "overlap"];
const nextMode = (mode: WriteMode): WriteMode => MODES[(MODES.indexOf(mode) + 1) % MODES.length];

const SCOPES: readonly Scope[] = ["frame", "past", "future", "everywhere"];
const nextScope = (scope: Scope): Scope => SCOPES[(SCOPES.indexOf(scope) + 1) % SCOPES.length];

/** The whole cell first, then one channel after the other. */
const nextDrawn = (channel: number | null, channels: number): number | null => {
  const next = channel === null ? 0 : channel + 1;
  return next < channels ? next : null;
};

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
  does("Tools", "mode.keep", "Write mode: keep other cells", () => ({ kind: "tool.options", options: { writeMode: "keep" } })),
  does("Tools", "mode.overwrite", "Write mode: overwrite other cells", () => ({ kind: "tool.options", options: { writeMode: "overwrite" } })),
  does("Tools", "mode.overlap", "Write mode: overlap other cells", () => ({ kind: "tool.options", options: { writeMode: "overlap" } })),
  does("Tools", "scope.next", "Change one, past, future or all frames", (s) => ({ kind: "tool.options", options: { scope: nextScope(s.toolOptions.scope) } })),
  does("Tools", "masks-of.next", "Draw masks of the next channel", (s) => ({ kind: "tool.options", options: { channel: nextDrawn(s.toolOptions.channel, s.channels.length) } })),
  does("Tools", "cell.new-or-finish", "New cell, or finish the shape", (s) => (s.draft?.proposals.length ? { kind: "proposal.accept" } : { kind: "cell.new" })),
];
