import { useEffect } from "react";
import type { Editor } from "@/editor";
import type { Taste } from "../taste/taste";

/** Brush, write mode and label display are remembered as they were left; that labels were hidden for a moment is not. */
export function useTasteFollows(editor: Editor | null, asked: boolean, setTaste: (change: Partial<Taste>) => void): void {
  useEffect(() => {
    if (!editor || !asked) return;
    let { toolOptions, overlay } = editor.state();
    return editor.subscribe(() => {
      const state = editor.state();
      if (state.toolOptions === toolOptions && state.overlay === overlay) return;
      ({ toolOptions, overlay } = state);
      setTaste({ tools: toolOptions, overlay: { ...overlay, visible: true } });
    });
  }, [editor, asked, setTaste]);
}
