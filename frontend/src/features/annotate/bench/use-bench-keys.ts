import { useMemo } from "react";
import type { ActionInfo, Keymap } from "@/editor";
import { useShortcuts } from "@/ui/shortcuts";
import { shortcutsOf } from "./key-names";

type Group = ActionInfo["group"];

function useGroup(group: Group, keymap: Keymap): void {
  useShortcuts(group, useMemo(() => shortcutsOf(group, keymap), [group, keymap]));
}

/** Lists the editor's keys, as they are now, in the overlay. */
export function useBenchKeys(keymap: Keymap): void {
  useGroup("Tools", keymap);
  useGroup("Cells", keymap);
  useGroup("Tracks", keymap);
  useGroup("Proposals", keymap);
  useGroup("Frames", keymap);
  useGroup("Channels", keymap);
  useGroup("View", keymap);
  useGroup("History", keymap);
  useGroup("Work", keymap);
}
