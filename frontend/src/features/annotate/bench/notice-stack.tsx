import { useRef, type ReactNode } from "react";
import { useEditorFrame } from "../use-editor";
import classes from "./bench.module.css";

/** While the hand is in this upper share of the picture, notices stand at its foot. */
const UPPER = 0.35;

/** Notices one below the other, away from where the hand works; what lies under them can still be drawn on. */
export function NoticeStack({ children }: { children: ReactNode }) {
  const stack = useRef<HTMLDivElement>(null);
  useEditorFrame((editor) => {
    const { hover, cursor } = editor.state();
    const at = cursor ?? hover;
    const box = stack.current?.parentElement;
    if (!at || !box || !stack.current || stack.current.matches(":hover")) return;
    stack.current.toggleAttribute("data-low", editor.toCanvas(at).y < box.clientHeight * UPPER);
  });
  return (
    <div ref={stack} className={classes.notices}>
      {children}
    </div>
  );
}
