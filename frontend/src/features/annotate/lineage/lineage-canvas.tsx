import { useComputedColorScheme } from "@mantine/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { useBench } from "../bench/bench-context";
import { useBenchDoings } from "../bench/bench-page";
import { useEditor } from "../use-editor";
import type { Layout } from "./layout";
import classes from "./lineage.module.css";
import { TreeStage } from "./tree-stage";

export interface LineageCanvasProps {
  layout: Layout;
  flags: ReadonlyMap<number, readonly number[]>;
  /** A branch was dropped on a cell. */
  onAdopt: (daughter: number, mother: number) => void;
  onFold: (cell: number) => void;
}

/** React owns the element and says what is to be seen; the stage draws. */
export function LineageCanvas({ layout, flags, onAdopt, onFold }: LineageCanvasProps) {
  const { readOnly } = useBench();
  const { show } = useBenchDoings();
  const scheme = useComputedColorScheme("dark");
  const [canvas, stage] = useStage();
  useEffect(() => stage?.listen({ mayChange: !readOnly, onAdopt, onFold, onMenu: (x, y, cell) => show({ menu: { x, y, cell } }) }), [stage, readOnly, onAdopt, onFold, show]);
  useEffect(() => stage?.show(layout, flags), [stage, layout, flags]);
  useEffect(() => stage?.recolour(), [stage, scheme]);
  return (
    <canvas
      ref={canvas}
      className={classes.tree}
      data-lineage
      role="application"
      aria-label={`Lineage tree: ${layout.places.size} tracks in ${layout.families.length} families. Up and Down choose a track, Left and Right a frame, Shift with Left and Right mother and daughter, Enter goes to the cell, Space folds.`}
      tabIndex={0}
    />
  );
}

function useStage(): [(canvas: HTMLCanvasElement | null) => void, TreeStage | null] {
  const editor = useEditor();
  const { image } = useBench();
  const [stage, setStage] = useState<TreeStage | null>(null);
  const alive = useRef<TreeStage | null>(null);
  const frames = image.size_t;
  const canvas = useCallback(
    (element: HTMLCanvasElement | null) => {
      alive.current?.destroy();
      alive.current = element && new TreeStage(element, editor, frames);
      setStage(alive.current);
    },
    [editor, frames],
  );
  return [canvas, stage];
}
