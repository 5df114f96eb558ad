import { VisuallyHidden } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { plural } from "@/lib/format";
import type { EditorState } from "@/editor";
import { useSaveState } from "../saving/use-autosave";
import type { SaveState } from "../saving/autosave";
import { useEditor } from "../use-editor";
import { useBench } from "./bench-context";
import { useBenchPage } from "./bench-page";
import { titleOf } from "./key-names";

/** Changes that come closer together are said as one: a held key says only where it ended. ms */
const QUIET_MS = 250;

/** For people who do not see the picture: tool, frame, selection, mode and proposals when they change. Never the moving pointer. */
export function Announcer() {
  const editor = useEditor();
  const { autosave } = useBench();
  const { classMode } = useBenchPage();
  const save = useSaveState(autosave);
  const [words, setWords] = useState("");
  const before = useRef<Said | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const say = () => {
      const now = saidOf(editor.state(), classMode, save);
      const news = before.current && newsOf(before.current, now);
      before.current = now;
      if (news) setWords(news);
    };
    before.current ??= saidOf(editor.state(), classMode, save);
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(say, QUIET_MS);
    };
    later();
    const leave = editor.subscribe(later);
    return () => {
      leave();
      clearTimeout(timer);
    };
  }, [editor, classMode, save]);
  return (
    <VisuallyHidden role="log" aria-live="polite" aria-atomic="true" aria-label="What changed">
      {words}
    </VisuallyHidden>
  );
}

type Said = Readonly<Record<"tool" | "frame" | "selection" | "cursor" | "proposals" | "classes" | "saving", string>>;

export function saidOf(state: EditorState, classMode: boolean, save: SaveState): Said {
  const { tool, t, z, selected, draft, cursor } = state;
  return {
    tool: titleOf(`tool.${tool}`),
    frame: `Frame ${t}, plane ${z}`,
    selection: selected.length === 0 ? "No cell selected" : selected.length === 1 ? `Cell ${selected[0]} selected` : `${plural(selected.length, "cell")} selected`,
    cursor: cursor ? "Keys point in the picture" : "Keys no longer point",
    proposals: draft?.proposals.length ? `${plural(draft.proposals.length, "proposal")}: Enter accepts, Esc rejects` : (draft?.hint ?? ""),
    classes: classMode ? "Digits are classes" : "Digits are channels",
    saving: save.kind === "saved" || save.kind === "saving" ? "" : save.kind === "offline" ? "Offline: your edits wait in this browser" : "Your edits are not on the server",
  };
}

export function newsOf(before: Said, now: Said): string {
  const changed = (Object.keys(now) as (keyof Said)[]).filter((part) => now[part] !== before[part] && now[part] !== "");
  return changed.map((part) => now[part]).join(". ");
}
