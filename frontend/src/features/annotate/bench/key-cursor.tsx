import { useRef } from "react";
import { useEditorFrame, useEditorState } from "../use-editor";
import classes from "./bench.module.css";

/** Where the keys point. */
export function KeyCursor() {
  const shown = useEditorState((state) => state.cursor !== null);
  const mark = useRef<HTMLDivElement>(null);
  useEditorFrame((editor) => {
    const { cursor } = editor.state();
    if (!cursor || !mark.current) return;
    const { x, y } = editor.toCanvas(cursor);
    mark.current.style.transform = `translate(${x}px, ${y}px)`;
  });
  return shown ? <div ref={mark} className={classes.keyCursor} aria-hidden /> : null;
}
