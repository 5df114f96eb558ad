import { useCallback, useMemo } from "react";
import { useQueryValue } from "@/ui/use-address";
import { MOST_LINKED, RAW_PANE, parsePanes, writePanes, type LinkedPane, type Panes } from "./panes-place";

/** The address bar is the one home of which panes are open. */
export function usePanes(): [Panes, (change: Partial<Panes>) => void] {
  const [text, setText] = useQueryValue("panes");
  const panes = useMemo(() => parsePanes(text), [text]);
  return [panes, useCallback((change) => setText(writePanes({ ...panes, ...change })), [panes, setText])];
}

/** Answers the actions `pane.*`; false for any other. */
export function usePaneActions(): (action: string) => boolean {
  const [panes, setPanes] = usePanes();
  return useCallback(
    (action) => {
      if (action === "pane.ortho") setPanes({ ortho: !panes.ortho });
      else if (action === "pane.volume") setPanes({ volume: !panes.volume });
      else if (action === "pane.linked") setPanes({ linked: withOneMore(panes.linked) });
      else return false;
      return true;
    },
    [panes, setPanes],
  );
}

/** After the last one comes none: one key goes through all numbers of panes. */
const withOneMore = (linked: readonly LinkedPane[]): readonly LinkedPane[] => (linked.length < MOST_LINKED ? [...linked, RAW_PANE] : []);
