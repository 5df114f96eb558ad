import { ACTIONS, DEFAULT_KEYMAP } from "@/editor";
import type { Shortcut } from "@/ui/shortcuts";

const TITLES = new Map(ACTIONS.map((action) => [action.action, action.title]));

/** The first key of an action as it is printed on a button; undefined when it has none. */
export function letterOf(action: string): string | undefined {
  return DEFAULT_KEYMAP.find((binding) => binding.action === action)?.keys;
}

export function titleOf(action: string): string {
  return TITLES.get(action) ?? action;
}

/** The keys of one group, as the overlay lists them. */
export function shortcutsOf(group: (typeof ACTIONS)[number]["group"]): Shortcut[] {
  return ACTIONS.filter((action) => action.group === group).flatMap(({ action, title }) => {
    const bindings = DEFAULT_KEYMAP.filter((binding) => binding.action === action).map((binding) => binding.keys);
    return bindings.length > 0 ? [{ keys: bindings.slice(0, 2), does: title }] : [];
  });
}

export const KEY_GROUPS = [...new Set(ACTIONS.map((action) => action.group))];
