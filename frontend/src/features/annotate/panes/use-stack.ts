import { useEffect, useState } from "react";
import { Stack, type Editor, type EditorState } from "@/editor";
import { useEditor, useEditorState } from "../use-editor";

/** All planes of the present time, kept in step with the picture's labels, while panes need them; null until then. */
export function useStack(wanted: boolean, withPixels: boolean, onError: (error: unknown) => void): Stack | null {
  const editor = useEditor();
  const document = useEditorState((state) => state.document);
  const t = useEditorState((state) => state.t);
  const [stack, setStack] = useState<Stack | null>(null);
  useEffect(() => {
    if (!wanted || !document) return;
    const opened = new Stack({ document, t, labelsAt: (at, z) => editor.labelsAt(at, z), onError });
    let open = true;
    void opened.readLabels(editor.state().z);
    const leave = followLabels(editor, opened);
    queueMicrotask(() => open && setStack(opened));
    return () => {
      open = false;
      leave();
      opened.close();
      setStack(null);
    };
  }, [editor, document, t, wanted, onError]);
  const shown = useEditorState(shownChannels);
  useEffect(() => {
    if (stack && withPixels) void stack.readPixels(shown.split(",").filter(Boolean).map(Number), editor.state().z);
  }, [editor, stack, withPixels, shown]);
  return stack;
}

const shownChannels = (state: EditorState): string => state.channels.flatMap((look, c) => (look.visible ? [c] : [])).join(",");

/** Own edits say which planes they touch; after other people's work every plane that is here is taken anew. */
function followLabels(editor: Editor, stack: Stack): () => void {
  let seen = editor.state().labelsVersion;
  const leaveCommits = editor.onCommit((edit) => {
    seen = editor.state().labelsVersion;
    stack.takeAnew(new Set(edit.pixels.filter((change) => change.t === stack.t).map((change) => change.z)));
  });
  const leaveState = editor.subscribe(() => {
    const { labelsVersion } = editor.state();
    if (labelsVersion === seen) return;
    seen = labelsVersion;
    stack.takeAnew(Array.from({ length: stack.document.size.z }, (_, z) => z));
  });
  return () => {
    leaveCommits();
    leaveState();
  };
}
