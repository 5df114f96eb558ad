/** Changes that a person makes to a preset's keys. Pure: the dialog shows, the store keeps. */
import { keysOf, ownKeymap, type Keymap } from "@/editor";
import type { KeysTaste } from "./taste";

/** The palette is everybody's way out, and some keys never reach a page. */
const KEPT: Readonly<Record<string, string>> = {
  "Ctrl+K": "Ctrl+K always opens the palette, on every page.",
  ...Object.fromEntries(["Ctrl+N", "Ctrl+T", "Ctrl+W", "Ctrl+Shift+N", "Ctrl+Shift+T", "Ctrl+Shift+W", "Ctrl+Tab"].map((key) => [key, `The browser keeps ${key} for itself.`])),
};

export const keymapOfTaste = ({ preset, own }: KeysTaste): Keymap => ownKeymap(preset, own);

/** Why this key cannot be chosen; null when it can. */
export const whyNot = (key: string): string | null => KEPT[key] ?? null;

/** The other action that has this key now. */
export function holderOf(keys: KeysTaste, key: string, action: string): string | null {
  const holder = keymapOfTaste(keys).find((binding) => binding.keys === key)?.action;
  return holder === undefined || holder === action ? null : holder;
}

/** Gives a key to an action, in place of one it has (or besides them), taking it from whoever had it. */
export function withKey(keys: KeysTaste, action: string, key: string, instead: string | null): KeysTaste {
  const now = keysOf(keymapOfTaste(keys), action);
  const next = instead === null ? [...now, key] : now.map((old) => (old === instead ? key : old));
  const holder = holderOf(keys, key, action);
  const without = holder === null ? keys : withoutKey(keys, holder, key);
  return { ...without, own: { ...without.own, [action]: [...new Set(next)] } };
}

/** As `withKey`, and who loses the key gets the one that became free. */
export function withKeysSwapped(keys: KeysTaste, action: string, key: string, instead: string): KeysTaste {
  const holder = holderOf(keys, key, action);
  const given = withKey(keys, action, key, instead);
  return holder === null ? given : withKey(given, holder, instead, null);
}

export function withoutKey(keys: KeysTaste, action: string, key: string): KeysTaste {
  const rest = keysOf(keymapOfTaste(keys), action).filter((other) => other !== key);
  return { ...keys, own: { ...keys.own, [action]: rest } };
}

/** As the preset has it. What it takes back from others, they lose. */
export function asPreset(keys: KeysTaste, action: string): KeysTaste {
  const own = Object.fromEntries(Object.entries(keys.own).filter(([name]) => name !== action));
  const back = keysOf(ownKeymap(keys.preset, {}), action);
  const others = Object.entries(own).map(([name, held]) => [name, held.filter((key) => !back.includes(key))] as const);
  return { ...keys, own: Object.fromEntries(others) };
}
