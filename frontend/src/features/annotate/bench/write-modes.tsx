import { IconCircles, IconReplace, IconShield } from "@tabler/icons-react";
import type { WriteMode } from "@/editor";
import { useEditor, useEditorState } from "../use-editor";
import { RailButton } from "./rail-button";

const MODES = [
  { mode: "keep", icon: IconShield, label: "Write mode keep: never touch other cells" },
  { mode: "overwrite", icon: IconReplace, label: "Write mode overwrite: take pixels from other cells" },
  { mode: "overlap", icon: IconCircles, label: "Write mode overlap: share pixels with other cells" },
] as const satisfies readonly { mode: WriteMode; icon: typeof IconReplace; label: string }[];

/** What the brush does where it meets another cell. */
export function WriteModes() {
  const editor = useEditor();
  const chosen = useEditorState((state) => state.toolOptions.writeMode);
  return (
    <div role="group" aria-label="Write mode">
      {MODES.map(({ mode, icon, label }) => (
        <RailButton
          key={mode}
          label={label}
          icon={icon}
          pressed={chosen === mode}
          onClick={() => editor.dispatch({ kind: "tool.options", options: { writeMode: mode } })}
        />
      ))}
    </div>
  );
}
