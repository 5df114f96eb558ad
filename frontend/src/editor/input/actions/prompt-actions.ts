/** Click-to-segment. */
import type { Command, EditorState } from "@/editor/door";
import { does } from "./action";
import type { Action } from "./action";

const says = (what: "cell" | "outside"): Command => ({ kind: "prompt.tool", says: what });

const isDrafting = (s: EditorState): boolean => s.draft?.tool === "prompt";

export const PROMPT_ACTIONS: readonly Action[] = [
  does("Tools", "tool.prompt", "Click to segment", () => says("cell")),
  does("Tools", "tool.prompt-negative", "Click to segment: clicks say what is not the cell", () => says("outside")),
  does("Tools", "tool.toggle-prompt", "Click to segment: the cell, or not the cell", (s) => says(s.tool === "prompt" && s.toolOptions.promptSays === "cell" ? "outside" : "cell")),
  does("Proposals", "prompt.another", "Click to segment: the next click begins another cell", (s) => (isDrafting(s) ? { kind: "prompt.another" } : null)),
  does("Proposals", "prompt.back", "Click to segment: take the last click back", (s) => (isDrafting(s) ? { kind: "prompt.back" } : null)),
];
