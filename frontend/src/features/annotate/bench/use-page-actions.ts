import { useNavigate } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Editor } from "@/editor";
import { addresses } from "@/lib/addresses";
import { openCommands } from "@/ui/commands";
import { useShortcutOverlay } from "@/ui/shortcuts";
import { runLineageAction } from "../lineage/lineage-actions";
import { usePaneActions } from "../panes/use-panes";
import { neighboursQuery } from "../queries";
import type { Image } from "../types";
import { useTaste } from "./bench-context";
import type { BenchShowing } from "./bench-page";

interface PageActions {
  readonly project: string;
  readonly image: Image;
  readonly task: string | undefined;
  readonly show: (change: (now: BenchShowing) => Partial<BenchShowing>) => void;
  readonly onAction: ((action: string) => void) | undefined;
}

/** Answers the actions that belong to the page around the editor; what it does not know goes on to the page's owner. */
export function usePageActions({ project, image, task, show, onAction }: PageActions): (action: string, editor: Editor | null) => void {
  const openKeys = useShortcutOverlay();
  const goBy = useNeighbour(project, image);
  const runPane = usePaneActions();
  const [{ sideOpen }, setTaste] = useTaste();
  return useCallback(
    (action, editor) => {
      if (runPane(action) || runLineageAction(action)) return;
      if (action === "palette.open") openCommands();
      else if (action === "help.open") openKeys();
      else if (action === "taste.open") show(() => ({ keysDialog: true }));
      else if (action === "classes.mode") show(({ classMode }) => ({ classMode: !classMode }));
      else if (action === "side.toggle") {
        setTaste({ sideOpen: !sideOpen });
        show(({ sheet }) => ({ sheet: !sheet }));
      } else if (action === "replay.open") setTaste({ sideTab: "history", sideOpen: true });
      else if (action === "cell.menu") show(() => ({ menu: editor && placeOfSelected(editor) }));
      else if (action === "contrast.open") document.querySelector<HTMLElement>('[aria-label^="Settings of channel"]')?.click();
      else if (action === "image.previous") goBy(-1);
      else if (action === "image.next" && task === undefined) goBy(1);
      else if (action === "image.next") onAction?.("task.next");
      else if (action === "proposal.accept-or-approve") onAction?.("task.approve");
      else onAction?.(action);
    },
    [runPane, openKeys, show, setTaste, sideOpen, goBy, task, onAction],
  );
}

/** Beside the selected cell, or in the middle of the picture. */
function placeOfSelected(editor: Editor): BenchShowing["menu"] {
  const [cell = null] = editor.state().selected;
  const measure = cell === null ? null : editor.measure(cell);
  const { camera } = editor.state();
  const at = editor.toCanvas(measure ? { x: measure.centroid_x, y: measure.centroid_y } : camera);
  const box = document.querySelector("canvas[data-picture]")?.getBoundingClientRect();
  return { x: (box?.left ?? 0) + at.x, y: (box?.top ?? 0) + at.y, cell };
}

function useNeighbour(project: string, image: Image): (by: 1 | -1) => void {
  const navigate = useNavigate();
  const neighbours = useQuery(neighboursQuery(image.dataset)).data;
  return useCallback(
    (by) => {
      const at = neighbours?.findIndex((one) => one.id === image.id) ?? -1;
      const next = at < 0 ? undefined : neighbours?.[at + by];
      if (next) void navigate({ to: addresses.annotate(project, next.id) });
    },
    [navigate, neighbours, image.id, project],
  );
}
