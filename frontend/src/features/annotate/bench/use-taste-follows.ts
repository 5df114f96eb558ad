import { useEffect } from "react";
import type { Editor, ToolOptions } from "@/editor";
import type { Taste } from "../taste/taste";

/** What a person meant for the work of the moment; it would surprise them tomorrow. */
const OF_THE_MOMENT = { scope: "frame", ignoring: false, channel: null } as const satisfies Partial<ToolOptions>;

/** Brush, write mode and label display are remembered as they were left; that labels were hidden for a moment is not. */
export function useTasteFollows(editor: Editor | null, asked: boolean, setTaste: (change: Partial<Taste>) => void): void {
  useEffect(() => {
    if (!editor || !asked) return;
    let { toolOptions, overlay } = editor.state();
    return editor.subscribe(() => {
      const state = editor.state();
      if (state.toolOptions === toolOptions && state.overlay === overlay) return;
      ({ toolOptions, overlay } = state);
      setTaste({ tools: { ...toolOptions, ...OF_THE_MOMENT }, overlay: { ...overlay, visible: true, highlight: false } });
    });
  }, [editor, asked, setTaste]);
}
