import { useEffect, useMemo, useRef, useState, type MouseEvent, type ReactNode } from "react";
import { ErrorNotice } from "@/ui/error-notice";
import { useLeaveGuard } from "../saving/use-autosave";
import { EditorContext, useEditorCanvas } from "../use-editor";
import { BenchContext, currentTaste, useTaste } from "./bench-context";
import classes from "./bench.module.css";
import { ChannelsStrip } from "./channels-strip";
import { CollisionPanel } from "./collision-panel";
import { FrameSliders } from "./frame-sliders";
import { EditorNotice } from "./editor-notice";
import { ReadOut } from "./read-out";
import { ToolRail } from "./tool-rail";
import { useAddressFollows, usePlaceAtStart } from "./use-address-place";
import { useBenchKeys } from "./use-bench-keys";
import { useDocument, type BenchDocument } from "./use-document";
import { useOthersWork } from "./use-others-work";
import { useTasteFollows } from "./use-taste-follows";

export interface WorkbenchProps extends BenchDocument {
  header: ReactNode;
  side: ReactNode;
  /** Drawn over the picture: pins, comparison. */
  over?: ReactNode;
  /** The revision shown is what is being judged, not a look into the past. */
  reviewing?: boolean;
  /** Answers the keys of the page around the editor; false when it has no such action. */
  onAction?: (action: string) => void;
}

/** A click on a button leaves the keys with the picture: Space still pans after choosing a tool. Tab reaches buttons all the same. */
function keepFocusOnPicture(event: MouseEvent): void {
  const target = event.target as Element;
  if (target.closest("button") && !target.closest("[role=dialog]")) event.preventDefault();
}

/** Editor, tools and read-outs around one document. */
export function Workbench({ header, side, over, reviewing, onAction, ...parts }: WorkbenchProps) {
  const [error, setError] = useState<unknown>(null);
  const [, setTaste] = useTaste();
  const runAction = useBenchKeys(onAction);
  const answer = useRef(runAction);
  useEffect(() => {
    answer.current = runAction;
  });
  const [canvas, editor] = useEditorCanvas(() => ({
    keyTarget: window,
    onAction: (action) => answer.current(action),
    onError: (reason) => console.error(reason),
    toolOptions: currentTaste().tools,
    overlay: currentTaste().overlay,
    background: "#000000",
  }));
  const place = usePlaceAtStart(parts.image.id);
  const { autosave, showServer } = useDocument(editor, parts, place, setError);
  useAddressFollows(editor);
  useTasteFollows(editor, !reviewing, setTaste);
  useLeaveGuard(autosave);
  useOthersWork(parts.branch, autosave);
  const bench = useMemo(
    () => ({ ...parts, mayChange: !parts.readOnly, readOnly: parts.readOnly || parts.revision !== undefined, autosave }),
    // Its fields are what the object consists of.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [parts.project, parts.image, parts.branch, parts.classes, parts.revision, parts.readOnly, parts.task, autosave],
  );
  return (
    <BenchContext value={bench}>
      <div className={classes.bench} data-owns-letters onMouseDown={keepFocusOnPicture}>
        <div className={classes.picture}>
          <canvas ref={canvas} className={classes.canvas} aria-label={`Picture of ${parts.image.name}`} tabIndex={0} />
          {editor && (
            <EditorContext value={editor}>
              {over}
              <div className={classes.notices}>
                <ErrorNotice error={error} title="The labels could not be opened" />
                <EditorNotice past={reviewing ? undefined : parts.revision} />
                <CollisionPanel onTakeTheirs={showServer} />
              </div>
            </EditorContext>
          )}
        </div>
        <EditorContext value={editor}>
          {editor && (
            <>
              <header className={classes.head}>{header}</header>
              <ToolRail />
              <ChannelsStrip />
              <div className={classes.foot}>
                <ReadOut />
                <FrameSliders />
              </div>
              {side}
            </>
          )}
        </EditorContext>
      </div>
    </BenchContext>
  );
}
