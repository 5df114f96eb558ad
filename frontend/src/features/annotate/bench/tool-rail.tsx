import { IconArrowBackUp, IconArrowForwardUp, IconCircleDashedPlus, type Icon } from "@tabler/icons-react";
import { Fragment } from "react";
import { useEditor, useEditorState } from "../use-editor";
import { useBench } from "./bench-context";
import classes from "./bench.module.css";
import { titleOf, useLetters } from "./key-names";
import { RailButton } from "./rail-button";
import { RailFlyout, ToolButton } from "./rail-group";
import { flies, railGroups } from "./rail-tools";
import { WriteModes } from "./write-modes";

/** Everything that can be held in the hand; on a phone it lies at the foot. */
export function ToolRail() {
  const { readOnly, image } = useBench();
  return (
    <div className={classes.rail} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {railGroups(readOnly, image.size_t).map((group, at) => (
        <Fragment key={group.title}>
          {at > 0 && <div className={classes.gap} />}
          {flies(group) ? <RailFlyout group={group} /> : group.tools.map((tool) => <ToolButton key={tool.action} tool={tool} />)}
        </Fragment>
      ))}
      {!readOnly && (
        <>
          <RailAction action="cell.new" icon={IconCircleDashedPlus} />
          <div className={classes.rule} />
          <WriteModes />
          <div className={classes.rule} />
          <UndoButtons />
        </>
      )}
    </div>
  );
}

function RailAction({ action, icon, disabled }: { action: string; icon: Icon; disabled?: boolean }) {
  const editor = useEditor();
  return <RailButton label={titleOf(action)} letter={useLetters()(action)} icon={icon} disabled={disabled} onClick={() => editor.act(action)} />;
}

function UndoButtons() {
  const undo = useEditorState((state) => state.undoCount > 0 || state.hasOlder);
  const redo = useEditorState((state) => state.redoCount > 0);
  return (
    <div className={classes.undo} role="group" aria-label="History">
      <RailAction action="undo" icon={IconArrowBackUp} disabled={!undo} />
      <RailAction action="redo" icon={IconArrowForwardUp} disabled={!redo} />
    </div>
  );
}
