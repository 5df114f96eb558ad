import { useComputedColorScheme } from "@mantine/core";
import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { Editor } from "@/editor";
import { useBench } from "../bench/bench-context";
import { useBenchPage } from "../bench/bench-page";
import { useEditor, useEditorFrame } from "../use-editor";
import { goTo } from "./go-to-cell";
import { hitTest, type Layout, type Placed } from "./layout";
import classes from "./lineage.module.css";
import { paint } from "./paint";
import { firstOf, lastOf, nearestFrame } from "./spans";
import { readColours } from "./tree-colours";
import { PLAIN_ROW_PX, fitTime, frameAt, kept, rowAt, showing, xOf, yOf, zoomedRows, zoomedTime, type Room, type ViewWindow } from "./view-window";

export interface LineageCanvasProps {
  layout: Layout;
  flags: ReadonlyMap<number, readonly number[]>;
  /** A branch was dropped on a cell. */
  onAdopt: (daughter: number, mother: number) => void;
  onFold: (cell: number) => void;
}

const CLICK_PX = 5;
const ROW_STEP = 3;

/** The tree on a canvas: drawn once a frame when something changed, whatever the number of tracks. */
export function LineageCanvas({ layout, flags, onAdopt, onFold }: LineageCanvasProps) {
  const editor = useEditor();
  const { image } = useBench();
  const canvas = useRef<HTMLCanvasElement>(null);
  const state = useRef<Moving>({ view: { t0: 0, frame_px: 1, top: 0, row_px: PLAIN_ROW_PX }, room: { width: 0, height: 0 }, hovered: null, drag: null, colours: null, seen: null, fitted: false });
  const [asked, ask] = useState(0);
  const redraw = useCallback(() => ask((count) => count + 1), []);
  const scheme = useComputedColorScheme("dark");
  useEffect(() => {
    state.current.colours = null;
    redraw();
  }, [scheme, redraw]);
  useSize(canvas, (room) => {
    const now = state.current;
    now.room = room;
    now.view = now.fitted ? now.view : fitTime(now.view, room, image.size_t);
    now.fitted = room.width > 0;
    redraw();
  });
  useEditorFrame(() => draw(editor, canvas.current, state.current, layout, flags, image.size_t));
  useWheel(canvas, state, redraw, editor);
  const pointer = usePointer({ layout, state, redraw, onAdopt });
  const keys = useKeys(layout, state, onFold, image.size_t, redraw);
  return (
    <canvas
      ref={canvas}
      className={classes.tree}
      data-lineage
      data-asked={asked}
      role="application"
      aria-label={`Lineage tree: ${layout.places.size} tracks in ${layout.families.length} families. Up and Down choose a track, Left and Right a frame, Shift with Left and Right mother and daughter, Enter goes to the cell, Space folds.`}
      tabIndex={0}
      onKeyDown={keys}
      {...pointer}
    />
  );
}

interface Moving {
  view: ViewWindow;
  room: Room;
  hovered: number | null;
  drag: { cell: number; from: { x: number; y: number }; to: { x: number; y: number } } | null;
  colours: ReturnType<typeof readColours> | null;
  /** The selection that was last brought into sight. */
  seen: readonly number[] | null;
  fitted: boolean;
}

type State = { current: Moving };

function draw(editor: Editor, canvas: HTMLCanvasElement | null, now: Moving, layout: Layout, flags: LineageCanvasProps["flags"], frames: number): void {
  if (!canvas || now.room.width === 0) return;
  const ctx = canvas.getContext("2d");
  if (!ctx) return;
  const began = performance.now();
  const { selected, t } = editor.state();
  const chosen = selected[0] === undefined ? undefined : layout.places.get(selected[0]);
  if (chosen && now.seen !== selected) now.view = showing(now.view, now.room, chosen.row, t);
  now.seen = selected;
  now.view = kept(now.view, now.room, frames, layout.rows);
  now.colours ??= readColours(canvas);
  ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  const { view, room, hovered, drag, colours } = now;
  const colourOf = (cell: number) => `rgb(${editor.colourOf(cell).join(" ")})`;
  const drawn = paint(ctx, { layout, view, room, frames, t, selected: new Set(selected), hovered, flags, colourOf, colours, drag });
  // For tests and benchmarks.
  canvas.dataset.drawn = String(drawn);
  performance.measure("cytoloop:tree", { start: began, end: performance.now() });
}

function useSize(canvas: { current: HTMLCanvasElement | null }, changed: (room: Room) => void): void {
  const newest = useRef(changed);
  useEffect(() => {
    newest.current = changed;
  });
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const watch = new ResizeObserver(() => {
      const { width, height } = element.getBoundingClientRect();
      [element.width, element.height] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
      newest.current({ width, height });
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [canvas]);
}

/** The wheel scrolls rows; with Ctrl it zooms time, with Shift it scrolls time, with Alt it makes rows higher. */
function useWheel(canvas: { current: HTMLCanvasElement | null }, state: State, redraw: () => void, editor: Editor): void {
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const now = state.current;
      const factor = Math.exp(-event.deltaY / 300);
      if (event.ctrlKey || event.metaKey) now.view = zoomedTime(now.view, factor, event.offsetX);
      else if (event.altKey) now.view = zoomedRows(now.view, factor, event.offsetY);
      else {
        const [dx, dy] = event.shiftKey ? [event.deltaX + event.deltaY, 0] : [event.deltaX, event.deltaY];
        now.view = { ...now.view, t0: now.view.t0 + dx / now.view.frame_px, top: now.view.top + (Math.sign(dy) * ROW_STEP * Math.min(Math.abs(dy), 100)) / 100 };
      }
      redraw();
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [canvas, state, redraw, editor]);
}

// ---------------------------------------------------------------- pointer

interface PointerParts {
  layout: Layout;
  state: State;
  redraw: () => void;
  onAdopt: LineageCanvasProps["onAdopt"];
}

interface Press {
  readonly x: number;
  readonly y: number;
  readonly hit: Placed | null;
  readonly view: ViewWindow;
}

/** A click goes to cell and frame; a branch is dragged to its mother, the ground and the middle button move the view. */
function usePointer({ layout, state, redraw, onAdopt }: PointerParts) {
  const editor = useEditor();
  const { show } = useBenchPage();
  const { readOnly } = useBench();
  const press = useRef<Press | null>(null);
  const place = (event: PointerEvent) => ({ x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY });
  const at = (event: PointerEvent): Placed | null => {
    const { view } = state.current;
    const { x, y } = place(event);
    return hitTest(layout, rowAt(view, y), frameAt(view, x), 3 / view.frame_px);
  };
  const choose = (hit: Placed, t: number, add: boolean) => {
    const cells = editor.state().selected;
    const { cell, spans } = hit.track;
    goTo(editor, nearestFrame(spans, t), add ? (cells.includes(cell) ? cells.filter((one) => one !== cell) : [...cells, cell]) : [cell]);
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLCanvasElement>) => {
      if (event.button === 2) return;
      const hit = event.button === 0 ? at(event) : null;
      press.current = { ...place(event), hit, view: state.current.view };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLCanvasElement>) => {
      const now = state.current;
      const to = place(event);
      const begun = press.current;
      const hovered = at(event)?.track.cell ?? null;
      event.currentTarget.title = hovered === null ? "" : `Cell ${hovered}, frame ${Math.floor(frameAt(now.view, to.x))}`;
      if (begun && Math.hypot(to.x - begun.x, to.y - begun.y) > CLICK_PX) {
        if (begun.hit && !readOnly) now.drag = { cell: begun.hit.track.cell, from: { x: xOf(begun.view, firstOf(begun.hit.track.spans)), y: yOf(begun.view, begun.hit.row) }, to };
        else now.view = { ...begun.view, t0: begun.view.t0 - (to.x - begun.x) / begun.view.frame_px, top: begun.view.top - (to.y - begun.y) / begun.view.row_px };
        redraw();
      } else if (hovered !== now.hovered) redraw();
      now.hovered = hovered;
    },
    onPointerUp: (event: PointerEvent<HTMLCanvasElement>) => {
      const begun = press.current;
      const { drag } = state.current;
      [press.current, state.current.drag] = [null, null];
      redraw();
      const hit = at(event);
      if (drag) return hit && hit.track.cell !== drag.cell && onAdopt(drag.cell, hit.track.cell);
      const { x, y } = place(event);
      if (!begun || Math.hypot(x - begun.x, y - begun.y) > CLICK_PX || event.button !== 0) return;
      const t = Math.floor(frameAt(state.current.view, x));
      if (begun.hit) choose(begun.hit, t, event.ctrlKey || event.metaKey);
      else editor.dispatch({ kind: "frame.go", t });
    },
    onPointerLeave: () => {
      state.current.hovered = null;
      redraw();
    },
    onContextMenu: (event: React.MouseEvent<HTMLCanvasElement>) => {
      event.preventDefault();
      const { view } = state.current;
      const { offsetX: x, offsetY: y } = event.nativeEvent;
      const hit = hitTest(layout, rowAt(view, y), frameAt(view, x), 3 / view.frame_px);
      if (!hit) return;
      if (!editor.state().selected.includes(hit.track.cell)) choose(hit, Math.floor(frameAt(view, x)), false);
      show({ menu: { x: event.clientX, y: event.clientY, cell: hit.track.cell } });
    },
    onDoubleClick: () => {
      state.current.view = fitTime(state.current.view, state.current.room, editor.state().document?.size.t ?? 1);
      redraw();
    },
  };
}

// ---------------------------------------------------------------- keys

function useKeys(layout: Layout, state: State, onFold: (cell: number) => void, frames: number, redraw: () => void) {
  const editor = useEditor();
  return (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { selected, t } = editor.state();
    const now = selected[0] === undefined ? undefined : layout.places.get(selected[0]);
    const to = (place: Placed | undefined, frame = t) => place && goTo(editor, nearestFrame(place.track.spans, frame), [place.track.cell]);
    const acts: Record<string, () => unknown> = {
      ArrowDown: () => to(beside(layout, now, t, 1)),
      ArrowUp: () => to(beside(layout, now, t, -1)),
      ArrowRight: () => (event.shiftKey ? to(layout.places.get(now?.daughters[0] ?? -1)) : editor.dispatch({ kind: "frame.go", t: Math.min(t + 1, frames - 1) })),
      ArrowLeft: () => (event.shiftKey ? to(layout.places.get(now?.track.facts.mother ?? -1)) : editor.dispatch({ kind: "frame.go", t: Math.max(t - 1, 0) })),
      Home: () => to(now, now && firstOf(now.track.spans)),
      End: () => to(now, now && lastOf(now.track.spans)),
      Enter: () => to(now),
      " ": () => now && onFold(now.track.cell),
      "+": () => (state.current.view = zoomedTime(state.current.view, 1.4, state.current.room.width / 2)),
      "-": () => (state.current.view = zoomedTime(state.current.view, 1 / 1.4, state.current.room.width / 2)),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
    redraw();
  };
}

/** The next track below or above: of those in this frame, or of all where none is. */
function beside(layout: Layout, now: Placed | undefined, t: number, by: 1 | -1): Placed | undefined {
  const from = now?.row ?? (by > 0 ? -1 : layout.rows);
  let best: Placed | undefined;
  for (const placed of layout.places.values()) {
    const ahead = (placed.row - from) * by;
    const { spans } = placed.track;
    if (ahead <= 0 || (now && (t < firstOf(spans) || t > lastOf(spans)))) continue;
    if (!best || ahead < (best.row - from) * by) best = placed;
  }
  return best;
}
