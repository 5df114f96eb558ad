import { useCallback, useEffect, useMemo, useRef, useState, type MouseEvent, type ReactNode } from "react";
import type { Editor } from "@/editor";
import { ErrorNotice } from "@/ui/error-notice";
import { SharedCellNote } from "../together/together";
import { useLeaveGuard } from "../saving/use-autosave";
import { EditorContext, useEditorCanvas } from "../use-editor";
import { KeysDialog } from "../taste/keys-dialog";
import { Announcer } from "./announcer";
import { BenchContext, useTaste } from "./bench-context";
import { BenchDoingsContext, BenchPageContext, NOTHING_SHOWING, type BenchDoings, type BenchPage, type BenchShowing } from "./bench-page";
import classes from "./bench.module.css";
import { PointMenu } from "./cell-menu";
import { ChannelsStrip } from "./channels-strip";
import { ClassKeys } from "./class-keys";
import { CollisionPanel } from "./collision-panel";
import { FrameSliders } from "./frame-sliders";
import { EditorNotice } from "./editor-notice";
import { KeyCursor } from "./key-cursor";
import { NoticeStack } from "./notice-stack";
import { OptionsBar } from "./options-bar";
import { PageNotices } from "./page-notices";
import { ReadOut } from "./read-out";
import { SideHolder } from "./side-holder";
import { ToolRail } from "./tool-rail";
import { LineagePanel } from "../lineage/lineage-panel";
import { PanesFrame } from "../panes/panes-frame";
import { useAddressFollows, usePlaceAtStart } from "./use-address-place";
import { useBenchKeys } from "./use-bench-keys";
import { useDocument, type BenchDocument } from "./use-document";
import { habitsOfTaste, useKeysFollow, usePresentKeymap } from "./use-keys-follow";
import { usePageActions } from "./use-page-actions";
import { Waiting } from "./waiting";
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

/** The same elements at every drawing: each of these asks for what it shows, and is drawn again for that alone. */
const AROUND = (
  <>
    <ToolRail />
    <ChannelsStrip />
    <OptionsBar />
    <div className={classes.foot}>
      <ReadOut />
      <FrameSliders />
    </div>
    <LineagePanel />
  </>
);
const OVER_ALL = (
  <>
    <PointMenu />
    <Announcer />
    <KeysDialog />
  </>
);

/** Editor, tools and read-outs around one document. */
export function Workbench({ header, side, over, reviewing, onAction, ...parts }: WorkbenchProps) {
  const [error, setError] = useState<unknown>(null);
  const [taste, setTaste] = useTaste();
  const [showing, setShowing] = useState<BenchShowing>(NOTHING_SHOWING);
  const keymap = usePresentKeymap(taste, showing.classMode, reviewing);
  const change = useCallback((by: (now: BenchShowing) => Partial<BenchShowing>) => setShowing((now) => ({ ...now, ...by(now) })), []);
  const runAction = usePageActions({ project: parts.project, image: parts.image, task: parts.task, show: change, onAction });
  const answer = useRef({ runAction, taste });
  useEffect(() => {
    answer.current = { runAction, taste };
  });
  const alive = useRef<Editor | null>(null);
  const [canvas, editor] = useEditorCanvas(() => ({
    keyTarget: window,
    keymap,
    habits: habitsOfTaste(taste),
    onAction: (action) => answer.current.runAction(action, alive.current),
    onMenu: ({ x, y }, cells) => {
      const [cell = null] = cells;
      if (cell !== null && !alive.current?.state().selected.includes(cell)) alive.current?.dispatch({ kind: "select", cells: [cell] });
      change(() => ({ menu: { x, y, cell } }));
    },
    onError: (reason) => console.error(reason),
    toolOptions: taste.tools,
    overlay: taste.overlay,
    background: "#000000",
  }));
  useEffect(() => {
    alive.current = editor;
  }, [editor]);
  useBenchKeys(keymap);
  useKeysFollow(editor, keymap, taste);
  const doings = useMemo<BenchDoings>(
    () => ({
      keymap,
      show: (next) => change(() => next),
      tell: (text, undo = false) => change(({ notices }) => ({ notices: [...notices.slice(-2), { key: (notices.at(-1)?.key ?? 0) + 1, text, undo }] })),
      act: (action) => void (editor?.act(action) || answer.current.runAction(action, editor)),
    }),
    [keymap, change, editor],
  );
  const page = useMemo<BenchPage>(() => ({ ...showing, ...doings }), [showing, doings]);
  const place = usePlaceAtStart(parts.image.id);
  const autosave = useDocument(editor, parts, place, setError);
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
      <BenchDoingsContext value={doings}>
        <BenchPageContext value={page}>
          <div className={classes.bench} data-owns-letters onMouseDown={keepFocusOnPicture}>
            <div className={classes.picture}>
              <PanesFrame editor={editor} parts={parts} onError={setError}>
                <canvas ref={canvas} data-picture className={classes.canvas} role="application" aria-label={`Picture of ${parts.image.name}`} tabIndex={0} />
                {editor && (
                  <EditorContext value={editor}>
                    {over}
                    <KeyCursor />
                    <ClassKeys />
                    <Waiting />
                    <NoticeStack>
                      <ErrorNotice error={error} title="The labels could not be opened" />
                      <EditorNotice past={reviewing ? undefined : parts.revision} />
                      <PageNotices />
                      <CollisionPanel />
                      <SharedCellNote />
                    </NoticeStack>
                  </EditorContext>
                )}
              </PanesFrame>
            </div>
            <EditorContext value={editor}>
              {editor && (
                <>
                  <header className={classes.head}>{header}</header>
                  {AROUND}
                  <SideHolder>{side}</SideHolder>
                  {OVER_ALL}
                </>
              )}
            </EditorContext>
          </div>
        </BenchPageContext>
      </BenchDoingsContext>
    </BenchContext>
  );
}
