import { useCallback, useMemo } from "react";
import type { ActionInfo } from "@/editor";
import { openCommands } from "@/ui/commands";
import { useShortcutOverlay, useShortcuts } from "@/ui/shortcuts";
import { shortcutsOf } from "./key-names";

type Group = ActionInfo["group"];

function useGroup(group: Group): void {
  useShortcuts(`Editor: ${group.toLowerCase()}`, useMemo(() => shortcutsOf(group), [group]));
}

/** Lists the editor's keys in the overlay and answers those whose action belongs to the page. */
export function useBenchKeys(onAction: ((action: string) => void) | undefined): (action: string) => void {
  const openKeys = useShortcutOverlay();
  useGroup("Tools");
  useGroup("Cells");
  useGroup("View");
  useGroup("Channels");
  useGroup("Frames");
  useGroup("History");
  useGroup("Work");
  return useCallback(
    (action) => {
      if (action === "palette.open") openCommands();
      else if (action === "help.open") openKeys();
      else onAction?.(action);
    },
    [onAction, openKeys],
  );
}
