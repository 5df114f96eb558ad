import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowMerge,
  IconBrush,
  IconBucketDroplet,
  IconCircleDashedPlus,
  IconEraser,
  IconHandStop,
  IconPointer,
  IconTrash,
  type Icon,
} from "@tabler/icons-react";
import type { ToolName } from "@/editor";
import { useEditor, useEditorState } from "../use-editor";
import { useBench } from "./bench-context";
import { BrushSize } from "./brush-size";
import classes from "./bench.module.css";
import { letterOf, titleOf } from "./key-names";
import { RailButton } from "./rail-button";
import { WriteModes } from "./write-modes";

interface RailTool {
  tool: ToolName;
  icon: Icon;
  /** Tools that only look stay usable where nothing may be changed. */
  looks?: boolean;
}

const TOOLS: readonly RailTool[] = [
  { tool: "select", icon: IconPointer, looks: true },
  { tool: "pan", icon: IconHandStop, looks: true },
  { tool: "brush", icon: IconBrush },
  { tool: "eraser", icon: IconEraser },
  { tool: "fill", icon: IconBucketDroplet },
  { tool: "merge", icon: IconArrowMerge },
  { tool: "delete", icon: IconTrash },
];

export function ToolRail() {
  const { readOnly } = useBench();
  return (
    <div className={classes.rail} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {TOOLS.filter((entry) => entry.looks || !readOnly).map((entry) => (
        <ToolButton key={entry.tool} {...entry} />
      ))}
      {!readOnly && (
        <>
          <RailAction action="cell.new" icon={IconCircleDashedPlus} />
          <div className={classes.rule} />
          <WriteModes />
          <div className={classes.rule} />
          <BrushSize />
          <div className={classes.rule} />
          <UndoButtons />
        </>
      )}
    </div>
  );
}

function ToolButton({ tool, icon: Icon }: RailTool) {
  const editor = useEditor();
  const chosen = useEditorState((state) => state.tool === tool);
  return <RailButton label={titleOf(`tool.${tool}`)} letter={letterOf(`tool.${tool}`)} icon={Icon} pressed={chosen} onClick={() => editor.setTool(tool)} />;
}

function RailAction({ action, icon, disabled }: { action: string; icon: Icon; disabled?: boolean }) {
  const editor = useEditor();
  return <RailButton label={titleOf(action)} letter={letterOf(action)} icon={icon} disabled={disabled} onClick={() => editor.act(action)} />;
}

function UndoButtons() {
  const undo = useEditorState((state) => state.undoCount);
  const redo = useEditorState((state) => state.redoCount);
  return (
    <>
      <RailAction action="undo" icon={IconArrowBackUp} disabled={undo === 0} />
      <RailAction action="redo" icon={IconArrowForwardUp} disabled={redo === 0} />
    </>
  );
}
