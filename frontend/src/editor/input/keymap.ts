/** Keys as data: which key does which action. */
import type { Keymap } from "../door";

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

export const actionOf = (keymap: Keymap, press: KeyPress): string | undefined => {
  const name = nameOf(press);
  return keymap.find((binding) => binding.keys === name)?.action;
};
