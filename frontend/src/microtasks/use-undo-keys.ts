import { useEffect } from "react";

/** Ctrl+Z takes back, Ctrl+Shift+Z and Ctrl+Y bring again. */
export function useUndoKeys(undo: () => void, redo: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      const key = event.key.toLowerCase();
      if ((key !== "z" && key !== "y") || (event.target as Element).closest("input, textarea")) return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) redo();
      else undo();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}
