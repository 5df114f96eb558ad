import { useCallback } from "react";
import { ACTIONS, DEFAULT_KEYMAP, keysOf, type Keymap } from "@/editor";
import { chordOf, type Shortcut } from "@/ui/shortcuts";
import { useBenchDoings } from "./bench-page";

const TITLES = new Map(ACTIONS.map((action) => [action.action, action.title]));

/** Whether a tool or action has been built into this editor. */
export const isAction = (action: string): boolean => TITLES.has(action);

/** The first key of an action as it is printed on a button; undefined when it has none. */
export function letterOf(action: string, keymap: Keymap = DEFAULT_KEYMAP): string | undefined {
  return keysOf(keymap, action)[0];
}

/** The same in the map that the person has now. */
export function useLetters(): (action: string) => string | undefined {
  const { keymap } = useBenchDoings();
  return useCallback((action) => letterOf(action, keymap), [keymap]);
}

export function titleOf(action: string): string {
  return TITLES.get(action) ?? action;
}

/** As `aria-keyshortcuts` wants it. */
export function ariaKeys(keys: string | undefined): string | undefined {
  return keys?.replace("Ctrl", "Control").replace("Esc", "Escape").replace(/\b(Up|Down|Left|Right)$/, "Arrow$1");
}

/** The keys of one group, as the overlay lists them. */
export function shortcutsOf(group: (typeof ACTIONS)[number]["group"], keymap: Keymap): Shortcut[] {
  return ACTIONS.filter((action) => action.group === group).flatMap(({ action, title }) => {
    const [first, ...others] = keysOf(keymap, action).map(chordOf);
    return first ? [{ keys: first, or: others, does: title }] : [];
  });
}

export const KEY_GROUPS = [...new Set(ACTIONS.map((action) => action.group))];
