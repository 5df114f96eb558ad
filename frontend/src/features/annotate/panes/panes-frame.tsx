import { useEffect, useMemo, type ReactNode } from "react";
import type { Editor } from "@/editor";
import type { BenchDocument } from "../bench/use-document";
import { EditorContext, useEditor } from "../use-editor";
import { LinkedPaneView } from "./linked-pane";
import { PaneLink } from "./pane-link";
import type { LinkedPane, Panes } from "./panes-place";
import classes from "./panes.module.css";
import { SlicePane, goTo, voxelOf } from "./slice-pane";
import { usePanes } from "./use-panes";
import { useStack } from "./use-stack";
import { VolumePane } from "./volume-pane";

interface PanesFrameProps {
  editor: Editor | null;
  parts: BenchDocument;
  onError: (error: unknown) => void;
  /** The picture with all that lies over it; it stays mounted whatever panes come and go. */
  children: ReactNode;
}

/** The picture, and the panes beside it. */
export function PanesFrame({ editor, parts, onError, children }: PanesFrameProps) {
  const [asked, setPanes] = usePanes();
  const panes = parts.image.size_z > 1 ? asked : { ...asked, ortho: false, volume: false };
  return (
    <div className={classes.frame} style={layoutOf(panes)}>
      <div className={classes.main}>{children}</div>
      {editor && (
        <EditorContext value={editor}>
          {(panes.ortho || panes.volume) && <StackPanes panes={panes} onClose={() => setPanes({ volume: false })} onError={onError} />}
          {panes.linked.length > 0 && <LinkedPanes linked={panes.linked} parts={parts} onChange={(linked) => setPanes({ linked })} onError={onError} />}
        </EditorContext>
      )}
    </div>
  );
}

/** Orthogonal views lie as on a technical drawing; other panes stand in columns of their own. */
function layoutOf({ ortho, volume, linked }: Panes): { gridTemplate: string } | undefined {
  const columns = linked.map((_, i) => `linked${i}`);
  if (!ortho && !volume && columns.length === 0) return undefined;
  if (!ortho) {
    return { gridTemplate: tiled([...columns, ...(volume ? ["volume"] : [])]) };
  }
  const corner = volume ? "volume" : "corner";
  const words = columns.join(" ");
  const widths = `minmax(0, 2fr) minmax(0, 1fr) ${columns.map(() => "minmax(0, 2fr)").join(" ")}`;
  return { gridTemplate: `"main yz ${words}" minmax(0, 2fr) "xz ${corner} ${words}" minmax(0, 1fr) / ${widths}` };
}

/** One beside the picture, two one above the other, more in two rows: the picture never gets the smaller share. */
export function tiled(names: readonly string[]): string {
  const row = (cells: readonly string[]) => `"${cells.join(" ")}" minmax(0, 1fr)`;
  const widths = (count: number) => Array.from({ length: count }, () => "minmax(0, 1fr)").join(" ");
  if (names.length === 1) return `${row(["main", ...names])} / ${widths(2)}`;
  if (names.length === 3) return `${row(["main", names[0] ?? ""])} ${row(names.slice(1))} / ${widths(2)}`;
  const half = names.length / 2;
  return `${row(["main", ...names.slice(0, half)])} ${row(["main", ...names.slice(half)])} / minmax(0, 1.6fr) ${widths(half)}`;
}

function StackPanes({ panes, onClose, onError }: { panes: Panes; onClose: () => void; onError: (error: unknown) => void }) {
  const stack = useStack(true, panes.ortho, onError);
  return (
    <>
      {panes.ortho && <Crosshair />}
      {panes.ortho && (
        <>
          <div style={{ gridArea: "yz", position: "relative" }}>{stack && <SlicePane plane="yz" stack={stack} />}</div>
          <div style={{ gridArea: "xz", position: "relative" }}>{stack && <SlicePane plane="xz" stack={stack} />}</div>
          {!panes.volume && <div className={classes.corner} style={{ gridArea: "corner" }} />}
        </>
      )}
      {panes.volume && <div style={{ gridArea: "volume", position: "relative" }}>{stack && <VolumePane stack={stack} onClose={onClose} onError={onError} />}</div>}
    </>
  );
}

/** A click with a tool that only looks, and the middle button with any tool, moves the crosshair in the picture too. */
function Crosshair() {
  const editor = useEditor();
  useEffect(() => {
    const picture = document.querySelector<HTMLCanvasElement>("canvas[data-picture]");
    const start = () => editor.state().document && editor.state().crosshair?.kind !== "planes" && goTo(editor, voxelOf(editor));
    const leave = editor.subscribe(start);
    let from = { x: 0, y: 0 };
    const down = (event: PointerEvent) => (from = { x: event.clientX, y: event.clientY });
    const up = (event: PointerEvent) => {
      const click = event.button === 0 && Math.hypot(event.clientX - from.x, event.clientY - from.y) <= 4;
      if (!click || !["select", "pan"].includes(editor.state().tool)) return;
      const at = editor.toImage(event.clientX, event.clientY);
      const { document: image, z } = editor.state();
      if (image && at.x >= 0 && at.y >= 0 && at.x < image.size.x && at.y < image.size.y) goTo(editor, { x: Math.floor(at.x), y: Math.floor(at.y), z });
    };
    picture?.addEventListener("pointerdown", down);
    picture?.addEventListener("pointerup", up);
    start();
    return () => {
      leave();
      picture?.removeEventListener("pointerdown", down);
      picture?.removeEventListener("pointerup", up);
      editor.dispatch({ kind: "crosshair.set", crosshair: null });
    };
  }, [editor]);
  return null;
}

interface LinkedPanesProps {
  linked: readonly LinkedPane[];
  parts: BenchDocument;
  onChange: (linked: readonly LinkedPane[]) => void;
  onError: (error: unknown) => void;
}

function LinkedPanes({ linked, parts, onChange, onError }: LinkedPanesProps) {
  const editor = useEditor();
  const link = useMemo(() => new PaneLink(editor), [editor]);
  return linked.map((pane, i) => (
    <div key={i} style={{ gridArea: `linked${i}`, position: "relative" }}>
      <LinkedPaneView
        pane={pane}
        number={i + 1}
        parts={parts}
        link={link}
        onChange={(next) => onChange(linked.map((one, j) => (j === i ? next : one)))}
        onClose={() => onChange(linked.filter((_, j) => j !== i))}
        onError={onError}
      />
    </div>
  ));
}
