import type { MouseEvent } from "react";
import { useEditor } from "../use-editor";
import type { Draft } from "./draft";
import classes from "./review.module.css";

interface PinCatcherProps {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  onDone: () => void;
}

/** Takes the next click on the picture as the place of a note. */
export function PinCatcher({ draft, onDraft, onDone }: PinCatcherProps) {
  const editor = useEditor();
  const pin = (event: MouseEvent) => {
    const { t, z } = editor.state();
    const { x, y } = editor.toImage(event.clientX, event.clientY);
    const [cell = null] = editor.pick(Math.floor(x), Math.floor(y));
    onDraft(withNote(draft, { t, z, y, x, cell }));
    onDone();
  };
  return <div className={classes.catcher} role="presentation" title="Click where the note belongs" onClick={pin} />;
}

export function withNote(draft: Draft, place: { t: number; z: number; y: number; x: number; cell: number | null }): Draft {
  const key = 1 + Math.max(0, ...draft.notes.map((note) => note.key));
  return { ...draft, notes: [...draft.notes, { ...place, key, text: "" }] };
}
