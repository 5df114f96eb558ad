/** Keys as data: which key does which action. */
import type { KeyBinding, Keymap } from "../door";

/** What of a keyboard event matters. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

const NAMES: Readonly<Record<string, string>> = {
  " ": "Space", ArrowUp: "Up", ArrowDown: "Down", ArrowLeft: "Left", ArrowRight: "Right", Escape: "Esc",
};

/** `Ctrl+Shift+Z`. Shift is not named for signs, since which sign needs it depends on the keyboard: `?`, `(`. */
export function nameOf(press: KeyPress): string {
  const isSign = press.key.length === 1 && !/[a-z ]/i.test(press.key);
  const key = NAMES[press.key] ?? (press.key.length === 1 ? press.key.toUpperCase() : press.key);
  const parts = [press.ctrlKey || press.metaKey ? "Ctrl" : "", press.altKey ? "Alt" : "", press.shiftKey && !isSign ? "Shift" : ""];
  return [...parts.filter(Boolean), key].join("+");
}

const bind = (action: string, ...keys: string[]): KeyBinding[] => keys.map((key) => ({ keys: key, action }));

/** The map of FEATURES: letters under the left hand, close to DeepCell Label. */
export const DEFAULT_KEYMAP: Keymap = [
  ...bind("tool.select", "V"),
  ...bind("tool.brush", "B"),
  ...bind("tool.eraser", "E"),
  ...bind("tool.toggle-eraser", "X"),
  ...bind("tool.fill", "G"),
  ...bind("tool.merge", "R"),
  ...bind("tool.delete", "Shift+Backspace"),
  ...bind("tool.pan", "Space"),
  ...bind("brush.larger", "]", "Up"),
  ...bind("brush.smaller", "[", "Down"),
  ...bind("mode.next", "Shift+W"),
  ...bind("cell.new", "N"),
  ...bind("cell.swap", "S"),
  ...bind("cell.delete", "Backspace", "Delete"),
  ...bind("cell.fill-holes", "Shift+G"),
  ...bind("cell.centre", "."),
  ...bind("select.next", ")", "Tab"),
  ...bind("select.previous", "(", "Shift+Tab"),
  ...bind("select.none", "Esc"),
  ...bind("frame.next", "D", "Right"),
  ...bind("frame.previous", "A", "Left"),
  ...bind("plane.next", "Shift+D"),
  ...bind("plane.previous", "Shift+A"),
  ...bind("channel.next", "C"),
  ...bind("channel.previous", "Shift+C"),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((n) => bind(`channel.toggle-${n}`, String(n))),
  ...bind("channel.invert", "I"),
  ...bind("channel.reset", "0"),
  ...bind("labels.toggle", "Z"),
  ...bind("outlines.toggle", "O"),
  ...bind("view.fit", "Home"),
  ...bind("view.closer", "+", "="),
  ...bind("view.farther", "-"),
  ...bind("undo", "Ctrl+Z"),
  ...bind("redo", "Ctrl+Shift+Z", "Ctrl+Y"),
  ...bind("task.approve", "Ctrl+Enter"),
  ...bind("task.return", "Ctrl+Backspace"),
  ...bind("task.next", "Shift+Enter"),
  ...bind("note.pin", "Shift+P"),
  ...bind("palette.open", "Ctrl+K"),
  ...bind("help.open", "?"),
];

export const actionOf = (keymap: Keymap, press: KeyPress): string | undefined => {
  const name = nameOf(press);
  return keymap.find((binding) => binding.keys === name)?.action;
};
