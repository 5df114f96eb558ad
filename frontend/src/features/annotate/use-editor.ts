import { createContext, use, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { createEditor, type Editor, type EditorOptions, type EditorState } from "@/editor";

/** One editor for the life of a canvas. React owns the element; nothing in React touches a pixel. */
export function useEditorCanvas(options: () => EditorOptions): [(canvas: HTMLCanvasElement | null) => void, Editor | null] {
  const [editor, setEditor] = useState<Editor | null>(null);
  const optionsRef = useRef(options);
  const alive = useRef<Editor | null>(null);
  const canvasRef = useCallback((canvas: HTMLCanvasElement | null) => {
    alive.current?.destroy();
    alive.current = canvas && createEditor(canvas, optionsRef.current());
    setEditor(alive.current);
  }, []);
  return [canvasRef, editor];
}

export const EditorContext = createContext<Editor | null>(null);

export function useEditor(): Editor {
  const editor = use(EditorContext);
  if (!editor) throw new Error("There is no editor around this component.");
  return editor;
}

/** Part of the editor's state; the component draws again only when that part is another object or value. */
export function useEditorState<T>(select: (state: EditorState) => T): T {
  const editor = useEditor();
  const subscribe = useCallback((listener: () => void) => editor.subscribe(listener), [editor]);
  return useSyncExternalStore(subscribe, () => select(editor.state()));
}

/** Calls back at most once an animation frame, with the newest state, for what follows the camera. */
export function useEditorFrame(draw: (editor: Editor) => void): void {
  const editor = useEditor();
  const newest = useRef(draw);
  useEffect(() => {
    newest.current = draw;
    newest.current(editor);
  });
  useEffect(() => {
    let asked = 0;
    const ask = () => {
      asked ||= requestAnimationFrame(() => {
        asked = 0;
        newest.current(editor);
      });
    };
    const leave = editor.subscribe(ask);
    return () => {
      leave();
      cancelAnimationFrame(asked);
    };
  }, [editor]);
}
