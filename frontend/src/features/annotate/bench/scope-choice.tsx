import { SegmentedControl, Tooltip } from "@mantine/core";
import type { Scope } from "@/editor";
import { useEditor, useEditorState } from "../use-editor";
import { useBench } from "./bench-context";

const SCOPES: { value: Scope; label: string }[] = [
  { value: "frame", label: "One" },
  { value: "past", label: "Past" },
  { value: "future", label: "Future" },
  { value: "everywhere", label: "All" },
];

/** How far delete, merge, swap and new numbers reach in time. */
export function ScopeChoice() {
  const editor = useEditor();
  const { readOnly } = useBench();
  const scope = useEditorState((state) => state.toolOptions.scope);
  if (readOnly) return null;
  return (
    <Tooltip label="How far delete, merge, swap and new numbers reach: this frame, it and all before, it and all after, all frames" multiline maw={280}>
      <SegmentedControl
        size="xs"
        aria-label="Frames that are changed"
        data={SCOPES}
        value={scope}
        color={scope === "frame" ? undefined : "wait"}
        onChange={(value) => editor.dispatch({ kind: "tool.options", options: { scope: value } })}
      />
    </Tooltip>
  );
}
