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

const CLAIMED: ReadonlySet<string> = new Set(Object.values(REVIEW_KEYS).flat());

/** The person's own keys, less those that a reviewer needs. */
export function reviewKeymap({ preset, own }: KeysTaste): Keymap {
  const kept = Object.entries(own).map(([action, keys]) => [action, keys.filter((key) => !CLAIMED.has(key))] as const);
  return ownKeymap(preset, { ...Object.fromEntries(kept), ...REVIEW_KEYS });
}

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
