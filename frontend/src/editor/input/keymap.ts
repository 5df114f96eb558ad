/** Keys as data: which key does which action. */
import type { KeyBinding, Keymap } from "../door";

/** What of a keyboard event matters. */
export interface KeyPress {
  readonly key: string;
  /** Where the key lies, as `KeyA` or `Digit1` on any keyboard. */
  readonly code?: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Keys of each action, the first being the one that is printed on buttons. */
export type KeysByAction = Readonly<Record<string, readonly string[]>>;

const NAMES: Readonly<Record<string, string>> = {
  " ": "Space", ArrowUp: "Up", ArrowDown: "Down", ArrowLeft: "Left", ArrowRight: "Right", Escape: "Esc",
};

/** `Ctrl+Shift+Z`. Shift is not named for signs, since which sign needs it depends on the keyboard: `?`, `(`. */
export function nameOf(press: KeyPress): string {
  const sign = signOf(press);
  const isSign = sign.length === 1 && !/[a-z ]/i.test(sign) && !press.altKey;
  const key = NAMES[sign] ?? (sign.length === 1 ? sign.toUpperCase() : sign);
  const parts = [press.ctrlKey || press.metaKey ? "Ctrl" : "", press.altKey ? "Alt" : "", press.shiftKey && !isSign ? "Shift" : ""];
  return [...parts.filter(Boolean), key].join("+");
}

/** With Alt some systems type another sign, and some alphabets have no A at all: there the place of the key counts. */
function signOf({ key, code, altKey }: KeyPress): string {
  const placed = /^(?:Key|Digit)(.)$/.exec(code ?? "")?.[1];
  const isForeign = key.length === 1 && key > "~";
  return placed !== undefined && (altKey || isForeign) ? placed : key;
}

export const actionOf = (keymap: Keymap, press: KeyPress): string | undefined => {
  const name = nameOf(press);
  return keymap.find((binding) => binding.keys === name)?.action;
};

export const keysOf = (keymap: Keymap, action: string): string[] => keymap.filter((binding) => binding.action === action).map((binding) => binding.keys);

/** Modifier keys alone bind nothing. */
export const isModifier = (key: string): boolean => ["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "Dead", "Process", "Unidentified"].includes(key);

/**
 * Another map: these actions have these keys and no others, and whoever had such a key before gives it up. One that loses its last
 * key moves to the same key with Alt where that is free, so that nothing is lost by coming from another program.
 */
export function rebound(base: Keymap, changes: KeysByAction): Keymap {
  const claimed = new Set(Object.values(changes).flat());
  const kept = base.filter(({ action, keys }) => !(action in changes) && !claimed.has(keys));
  const made = Object.entries(changes).flatMap(([action, keys]) => keys.map((key) => ({ keys: key, action })));
  const map = [...kept, ...made];
  return [...map, ...moved(base, map, changes)];
}

function moved(base: Keymap, map: Keymap, changes: KeysByAction): KeyBinding[] {
  const used = new Set(map.map((binding) => binding.keys));
  const bound = new Set(map.map((binding) => binding.action));
  return base.flatMap(({ action, keys }) => {
    const [key, letter] = [`Alt+${keys}`, /^(Shift\+)?[A-Z0-9]$/.test(keys)];
    if (action in changes || bound.has(action) || !letter || used.has(key)) return [];
    used.add(key);
    bound.add(action);
    return [{ keys: key, action }];
  });
}
