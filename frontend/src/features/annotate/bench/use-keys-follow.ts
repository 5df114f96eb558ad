import { useEffect, useMemo } from "react";
import { presetNamed, withClassKeys, type Editor, type Habits, type Keymap } from "@/editor";
import { reviewKeymap } from "../taste/review-keys";
import { keymapOfTaste } from "../taste/key-changes";
import type { Taste } from "../taste/taste";

export const habitsOfTaste = ({ keys, habits }: Pick<Taste, "keys" | "habits">): Habits => ({ ...presetNamed(keys.preset).habits, ...habits });

/** The keys that hold now. */
export function usePresentKeymap({ keys }: Pick<Taste, "keys">, classMode: boolean, reviewing = false): Keymap {
  return useMemo(() => {
    const own = reviewing ? reviewKeymap(keys) : keymapOfTaste(keys);
    return classMode ? withClassKeys(own) : own;
  }, [keys, classMode, reviewing]);
}

/** The editor hears the person's own keys and has their habits. */
export function useKeysFollow(editor: Editor | null, keymap: Keymap, { keys, habits }: Taste): void {
  useEffect(() => editor?.setKeymap(keymap), [editor, keymap]);
  useEffect(() => editor?.setHabits(habitsOfTaste({ keys, habits })), [editor, keys, habits]);
}
