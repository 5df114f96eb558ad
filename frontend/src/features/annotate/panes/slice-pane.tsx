import { useEffect, useRef } from "react";
import { SliceView, type Editor, type Stack, type Voxel } from "@/editor";
import { useBench } from "../bench/bench-context";
import { useEditor, useEditorFrame } from "../use-editor";
import { PaneHead } from "./pane-head";
import classes from "./panes.module.css";
import { useReading } from "./use-reading";

/** The stack cut along xz or yz, at the picture's scale and place; a click or a drag moves all three planes. */
export function SlicePane({ plane, stack }: { plane: "xz" | "yz"; stack: Stack }) {
  const editor = useEditor();
  const { image } = useBench();
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useRef<SliceView | null>(null);
  const zPerX = zScale(image);
  useEffect(() => {
    if (!canvas.current) return;
    const opened = new SliceView(canvas.current, { plane, stack, z_per_x: zPerX, onMove: (at) => goTo(editor, at) });
    view.current = opened;
    opened.show(sliceState(editor));
    return () => opened.destroy();
  }, [editor, plane, stack, zPerX]);
  useEditorFrame(() => view.current?.show(sliceState(editor)));
  const reading = useReading(stack);
  const skipped = stack.pixels.grid.scale > 1 ? `grey values every ${stack.pixels.grid.scale} px` : "";
  return (
    <section className={classes.pane} aria-label={`Cut along ${plane}`}>
      <canvas ref={canvas} className={classes.canvas} data-pane={plane} aria-label={`${plane} plane through the crosshair; click or drag to move it`} />
      <PaneHead title={plane} note={reading < 1 ? `reading ${Math.round(reading * 100)} %` : skipped} />
    </section>
  );
}

/** Distance of planes in widths of a pixel; 1 where the file does not say. */
export const zScale = (image: { pixel_size_z_um?: number | null; pixel_size_x_um?: number | null }): number => {
  const ratio = (image.pixel_size_z_um ?? NaN) / (image.pixel_size_x_um ?? NaN);
  return Number.isFinite(ratio) && ratio > 0 ? Math.min(50, Math.max(0.1, ratio)) : 1;
};

/** Where the planes meet: the crosshair, at first the middle of the view. */
export function voxelOf(editor: Editor): Voxel {
  const { crosshair, camera, z, document } = editor.state();
  const at = crosshair?.kind === "planes" ? crosshair.at : camera;
  const [height, width] = [document?.size.y ?? 1, document?.size.x ?? 1];
  const whole = (value: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(value)));
  return { x: whole(at.x, width), y: whole(at.y, height), z };
}

export function goTo(editor: Editor, { x, y, z }: Voxel): void {
  editor.dispatch({ kind: "crosshair.set", crosshair: { at: { x: x + 0.5, y: y + 0.5 }, kind: "planes" } });
  if (z !== editor.state().z) editor.dispatch({ kind: "frame.go", z });
}

function sliceState(editor: Editor) {
  const { camera, channels, overlay, selected } = editor.state();
  return { at: voxelOf(editor), camera, channels, overlay, selected, colourOf: (cell: number) => editor.colourOf(cell) };
}
