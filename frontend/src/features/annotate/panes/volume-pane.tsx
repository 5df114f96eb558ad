import { useEffect, useRef, useState } from "react";
import { MOST_EDGE, VolumeView, makeVolume, type Editor, type Stack, type Volume } from "@/editor";
import { useBench } from "../bench/bench-context";
import { useEditor, useEditorFrame } from "../use-editor";
import { PaneHead } from "./pane-head";
import classes from "./panes.module.css";
import { zScale } from "./slice-pane";
import { useReading } from "./use-reading";

/** So long after an edit the bodies are made anew, ms. */
const IDLE_MS = 300;
const GROUND = [11, 13, 16] as const;

/** The masks as bodies. */
export function VolumePane({ stack, onClose, onError }: { stack: Stack; onClose: () => void; onError: (error: unknown) => void }) {
  const editor = useEditor();
  const { image } = useBench();
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useRef<VolumeView | null>(null);
  const volume = useVolume(stack);
  const zPerX = zScale(image);
  useEffect(() => {
    if (!canvas.current) return;
    try {
      view.current = new VolumeView(canvas.current, { z_per_x: zPerX, background: GROUND, onPick: (cell) => pick(editor, cell, stack), onError });
    } catch (error) {
      onError(error);
    }
    return () => {
      view.current?.destroy();
      view.current = null;
    };
  }, [editor, stack, zPerX, onError]);
  useEffect(() => {
    if (volume) view.current?.load(volume);
  }, [volume, zPerX, stack]);
  const shown = useRef<readonly unknown[]>([]);
  useEditorFrame(() => {
    const { selected, overlay, labelsVersion } = editor.state();
    const inputs = [view.current, volume, selected, overlay, labelsVersion];
    if (inputs.every((input, i) => input === shown.current[i])) return;
    shown.current = inputs;
    view.current?.show({ selected, colourOf: (cell) => editor.colourOf(cell) });
  });
  const reading = useReading(stack);
  return (
    <section className={classes.pane} aria-label="Masks in 3D">
      <canvas ref={canvas} className={classes.canvas} data-pane="volume" tabIndex={0} role="application" aria-label="Masks in 3D: drag or arrow keys turn, wheel or + and − come nearer, a click selects a cell" />
      <PaneHead title="3D" note={reading < 1 || !volume ? `reading ${Math.round(reading * 100)} %` : noteOf(volume)} onClose={onClose} />
    </section>
  );
}

function noteOf({ step, z_step, cells }: Volume): string {
  if (cells.length === 0) return "no masks in this stack yet";
  if (step === 1 && z_step === 1) return "";
  return `every ${step} px${z_step > 1 ? `, every ${z_step} planes` : ""}: larger than ${MOST_EDGE} voxels an edge`;
}

/** Goes to the cell as well: its plane, and its place in the picture. */
function pick(editor: Editor, cell: number | null, stack: Stack): void {
  editor.dispatch({ kind: "select", cells: cell === null ? [] : [cell] });
  if (cell === null) return;
  const here = editor.measure(cell) !== null;
  const z = here ? editor.state().z : stack.labels.planeOf(cell);
  if (z !== null && z !== editor.state().z) editor.dispatch({ kind: "frame.go", z });
}

/** Made once all labels are here, and anew a moment after they have changed. */
function useVolume(stack: Stack): Volume | null {
  const [volume, setVolume] = useState<{ of: Stack; volume: Volume } | null>(null);
  useEffect(() => {
    let made = -1;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let open = true;
    const make = async () => {
      made = stack.labelsVersion;
      const next = await makeVolume(stack.labels);
      if (open) setVolume({ of: stack, volume: next });
    };
    const check = () => {
      if (!stack.labelsAreHere || made === stack.labelsVersion) return;
      clearTimeout(timer);
      timer = setTimeout(() => void make(), made < 0 ? 0 : IDLE_MS);
    };
    const leave = stack.subscribe(check);
    check();
    return () => {
      open = false;
      clearTimeout(timer);
      leave();
    };
  }, [stack]);
  return volume?.of === stack ? volume.volume : null;
}
