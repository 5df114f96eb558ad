import { useCallback, useMemo } from "react";
import type { ActionInfo } from "@/editor";
import { useShortcuts } from "@/ui/shortcuts";
import { shortcutsOf } from "./key-names";

/** The frame around every page listens to these keys itself. */
const FRAMES_OWN: ReadonlySet<string> = new Set(["palette.open", "help.open"]);

type Group = ActionInfo["group"];

function useGroup(group: Group): void {
  useShortcuts(`Editor: ${group.toLowerCase()}`, useMemo(() => shortcutsOf(group), [group]));
}

/** Lists the editor's keys in the overlay and answers those whose action belongs to the page. */
export function useBenchKeys(onAction: ((action: string) => void) | undefined): (action: string) => void {
  useGroup("Tools");
  useGroup("Cells");
  useGroup("View");
  useGroup("Channels");
  useGroup("Frames");
  useGroup("History");
  useGroup("Work");
  return useCallback(
    (action) => {
      if (!FRAMES_OWN.has(action)) onAction?.(action);
    },
    [onAction],
  );
}
