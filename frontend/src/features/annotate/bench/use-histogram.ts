import { useMemo } from "react";
import type { Histogram } from "@/editor";
import { useEditor, useEditorState } from "../use-editor";

/** Grey values of what is here of a channel: counted again when the frame or what is loaded of it changes, not at every drag. */
export function useHistogram(channel: number): Histogram | null {
  const editor = useEditor();
  const t = useEditorState((state) => state.t);
  const z = useEditorState((state) => state.z);
  const missing = useEditorState((state) => state.loading.pixels);
  const visible = useEditorState((state) => state.channels[channel]?.visible);
  // What the editor holds follows from these.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => editor.histogram(channel), [editor, channel, t, z, missing, visible]);
}
