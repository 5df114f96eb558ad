import { Button, Slider } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp, IconBrush, IconEraser, IconLasso, IconTrash } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import type { Point } from "@/editor/painting";
import { cleared, isEmpty, redone, startDrawing, undone, withGesture, type DrawingTool } from "./drawing";
import { lineOfRows, middleOf, rowsOfLine } from "./rows";
import type { Scene } from "./scene";
import { Stage } from "./stage";
import type { Question, Value } from "./types";
import { useUndoKeys } from "./use-undo-keys";
import { askWords } from "./words";
import classes from "./microtasks.module.css";

const TOOLS: readonly { tool: DrawingTool; name: string; icon: ReactNode; key: string }[] = [
  { tool: "outline", name: "Outline", icon: <IconLasso size={20} aria-hidden />, key: "o" },
  { tool: "brush", name: "Add", icon: <IconBrush size={20} aria-hidden />, key: "b" },
  { tool: "eraser", name: "Remove", icon: <IconEraser size={20} aria-hidden />, key: "e" },
];

/** Outlines drawn or mended with a finger, a pen or a mouse. */
export function DrawItem({ question, disabled, onAnswer }: { question: Question; disabled: boolean; onAnswer: (value: Value) => void }) {
  const fixes = question.kind === "FIX";
  const [drawing, setDrawing] = useState(() => startDrawing(fixes ? (question.shown[0] ?? []).map(lineOfRows) : []));
  const [tool, setTool] = useState<DrawingTool>(fixes ? "brush" : "outline");
  const [diameter_px, setDiameter] = useState(() => Math.max(3, Math.round(Math.min(question.height, question.width) / 12)));
  const paper = useMemo(() => ({ height: question.height, width: question.width, single: question.single }), [question]);
  const onPath = useCallback((path: readonly Point[]) => setDrawing((now) => withGesture(now, tool, path, diameter_px, paper)), [tool, diameter_px, paper]);
  const settings = useMemo(() => ({ interaction: "draw", pen: { kind: tool, diameter_px } }) as const, [tool, diameter_px]);
  const scene = useMemo<Scene>(
    () => ({
      size: paper,
      layers: drawing.masks.map((line) => ({ tone: "mine", line })),
      // Which cell is meant; gone as soon as it is drawn, so that it hides nothing.
      dots: fixes || drawing.masks.length > 0 ? [] : (question.shown[0] ?? []).flatMap((rows) => middleOf(lineOfRows(rows)) ?? []).map((at) => ({ tone: "asked", at })),
    }),
    [paper, drawing.masks, question, fixes],
  );
  useUndoKeys(() => setDrawing(undone), () => setDrawing(redone));
  useToolKeys(setTool);
  const count = drawing.masks.length;
  return (
    <div className={classes.question}>
      <h2 className={classes.ask}>{askWords(question.kind, question.single)}</h2>
      <Stage
        label={`${askWords(question.kind, question.single)} One finger draws, two fingers zoom and move. With keys: arrows move, Space puts the pen down and lifts it.`}
        picture={question.pictures[0]}
        scene={scene}
        settings={settings}
        onPath={onPath}
      />
      <div className={classes.tools} role="toolbar" aria-label="Drawing">
        {TOOLS.map(({ tool: one, name, icon }) => (
          <button key={one} type="button" className={classes.tool} aria-pressed={tool === one} onClick={() => setTool(one)}>
            {icon}
            {name}
          </button>
        ))}
        <button type="button" className={classes.tool} disabled={drawing.past.length === 0} onClick={() => setDrawing(undone)}>
          <IconArrowBackUp size={20} aria-hidden />
          Undo
        </button>
        <button type="button" className={classes.tool} disabled={drawing.future.length === 0} onClick={() => setDrawing(redone)}>
          <IconArrowForwardUp size={20} aria-hidden />
          Redo
        </button>
        <button type="button" className={classes.tool} disabled={isEmpty(drawing)} onClick={() => setDrawing(cleared)}>
          <IconTrash size={20} aria-hidden />
          Clear
        </button>
      </div>
      {tool !== "outline" && (
        <div className={classes.size}>
          <span aria-hidden>Size</span>
          <Slider flex={1} min={1} max={Math.max(12, Math.round(Math.min(question.height, question.width) / 3))} value={diameter_px} onChange={setDiameter} thumbLabel="Size of the brush, pixels" thumbSize={26} label={null} />
        </div>
      )}
      <Button size="lg" mih={52} variant={count === 0 ? "default" : "filled"} disabled={disabled} onClick={() => onAnswer({ masks: drawing.masks.map(rowsOfLine) })} fullWidth>
        {sendWords(count, question, drawing.past.length === 0)}
      </Button>
    </div>
  );
}

function sendWords(count: number, { kind, single }: Question, untouched: boolean): string {
  if (count === 0) return "There is no cell";
  if (kind === "FIX") return untouched ? "It is right as it is" : "Done";
  return single ? "Done" : `Done, ${count} ${count === 1 ? "cell" : "cells"}`;
}

function useToolKeys(choose: (tool: DrawingTool) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).closest("input, textarea, [role=dialog], [role=slider]")) return;
      const found = TOOLS.find(({ key }) => key === event.key.toLowerCase());
      if (found) choose(found.tool);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [choose]);
}
