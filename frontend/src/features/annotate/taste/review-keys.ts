/** A reviewer's hands stay on the keyboard: single letters, since nothing is drawn here. */
import { ownKeymap, type Keymap } from "@/editor";
import type { Shortcut } from "@/ui/shortcuts";
import type { KeysTaste } from "./taste";

export const REVIEW_KEYS = {
  "task.approve": ["A", "Ctrl+Enter"],
  "task.return": ["R", "Ctrl+Backspace"],
  "task.requeue": ["Q"],
  "task.fix": ["F"],
  "note.pin": ["N", "Shift+P"],
  "review.next": ["J"],
  "review.previous": ["K"],
  "change.next": ["Down"],
  "change.previous": ["Up"],
} as const satisfies Record<string, readonly string[]>;

/** The person's own keys, with the reviewer's on top. */
export const reviewKeymap = ({ preset, own }: KeysTaste): Keymap => ownKeymap(preset, { ...own, ...REVIEW_KEYS });

export const REVIEW_SHORTCUTS: readonly Shortcut[] = [
  { keys: ["A"], or: [["Ctrl", "Enter"]], does: "Accept" },
  { keys: ["R"], or: [["Ctrl", "Backspace"]], does: "Return to its author, with a reason" },
  { keys: ["Q"], does: "Put back into the queue, with a reason" },
  { keys: ["F"], does: "Fix it yourself, then accept" },
  { keys: ["N"], does: "Pin a note" },
  { keys: ["J"], or: [["K"]], does: "Next task, previous task" },
  { keys: ["↓"], or: [["↑"]], does: "Next change, previous change" },
  { keys: ["←"], or: [["→"]], does: "Frame before, frame after" },
];
