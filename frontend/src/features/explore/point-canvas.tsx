import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { fit, inside, nearest, paint, seen, under, zoomed, type Place, type Points, type View } from "./scene";
import classes from "./explore.module.css";

export type Tool = "move" | "lasso" | "box";

export interface PointCanvasProps {
  points: Points;
  colours: Uint32Array;
  chosen: ReadonlySet<number>;
  picked: number | null;
  square: boolean;
  tool: Tool;
  label: string;
  axes?: { x: string; y: string };
  onHover: (number: number | null, at: Place) => void;
  onPick: (number: number) => void;
  onGate: (numbers: number[]) => void;
}

const HEIGHT = 520;
const REACH_PX = 8;
const CLICK_PX = 4;
const ZOOM_STEP = 1.25;
const PAN_PX = 60;
const CHOSEN = 0xffffffff;

/** 100,000 points on one canvas, painted as pixels: no graphics card is needed. Shared by the map and the scatter plot. */
export function PointCanvas(props: PointCanvasProps) {
  const { points, colours, chosen, picked, square, tool, onHover, onPick, onGate } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(800);
  const [moved, setMoved] = useState<{ of: Points; view: View } | null>(null);
  const [gate, setGate] = useState<Place[]>([]);
  const pressed = useRef<{ at: Place; view: View; moved: boolean } | null>(null);
  // Other points, another plane: whoever moved the old one sees all of the new.
  const view = moved?.of === points ? moved.view : null;
  const setView = useCallback((next: View | null) => setMoved(next && { of: points, view: next }), [points]);
  const shown = useMemo(() => view ?? fit(points, width, HEIGHT, square), [view, points, width, square]);

  useEffect(() => {
    const element = canvas.current?.parentElement;
    if (!element) return;
    const watch = new ResizeObserver(() => setWidth(Math.max(200, Math.round(element.clientWidth))));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const order = useMemo(() => shuffled(points.x.length), [points]);
  useEffect(() => {
    const frame = requestAnimationFrame(() => draw(canvas.current, width, points, colours, order, shown, chosen, picked, gate));
    return () => cancelAnimationFrame(frame);
  }, [width, points, colours, order, shown, chosen, picked, gate]);

  const zoom = useCallback((at: Place, factor: number) => setView(zoomed(shown, at, factor, width, HEIGHT)), [setView, shown, width]);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    // A passive listener, which React would make, could not keep the page from scrolling.
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      zoom({ x: event.offsetX, y: event.offsetY }, Math.exp(-event.deltaY * 0.0015));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [zoom]);

  const place = (event: PointerEvent): Place => ({ x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY });
  const press = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    pressed.current = { at: place(event), view: shown, moved: false };
    if (tool !== "move") setGate([under(shown, place(event), width, HEIGHT)]);
  };
  const move = (event: PointerEvent) => {
    const at = place(event);
    const held = pressed.current;
    if (!held) {
      const number = nearest(points, shown, at, width, HEIGHT, REACH_PX);
      onHover(number < 0 ? null : number, at);
      return;
    }
    if (Math.hypot(at.x - held.at.x, at.y - held.at.y) > CLICK_PX) held.moved = true;
    if (!held.moved) return;
    if (tool === "move") setView({ ...held.view, x: held.view.x - (at.x - held.at.x) / held.view.scaleX, y: held.view.y + (at.y - held.at.y) / held.view.scaleY });
    if (tool === "lasso") setGate((before) => [...before, under(shown, at, width, HEIGHT)]);
    if (tool === "box") setGate(corners(under(shown, held.at, width, HEIGHT), under(shown, at, width, HEIGHT)));
  };
  const release = (event: PointerEvent) => {
    const held = pressed.current;
    pressed.current = null;
    if (held && !held.moved) {
      const number = nearest(points, shown, place(event), width, HEIGHT, REACH_PX);
      if (number >= 0) onPick(number);
    } else if (held && tool !== "move") onGate(inside(points, gate));
    setGate([]);
  };
  const key = (event: KeyboardEvent) => {
    const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const step = steps[event.key];
    const middle = { x: width / 2, y: HEIGHT / 2 };
    if (step) setView({ ...shown, x: shown.x + (step[0] * PAN_PX) / shown.scaleX, y: shown.y + (step[1] * PAN_PX) / shown.scaleY });
    else if (event.key === "+" || event.key === "=") zoom(middle, ZOOM_STEP);
    else if (event.key === "-") zoom(middle, 1 / ZOOM_STEP);
    else if (event.key === "0") setView(null);
    else return;
    event.preventDefault();
  };

  return (
    <div className={classes.plane}>
      <canvas
        ref={canvas}
        width={width}
        height={HEIGHT}
        className={classes.canvas}
        data-tool={tool}
        tabIndex={0}
        role="application"
        aria-label={`${props.label}. Arrow keys move it, plus and minus zoom, 0 shows all.`}
        onPointerDown={press}
        onPointerMove={move}
        onPointerUp={release}
        onPointerLeave={() => onHover(null, { x: 0, y: 0 })}
        onKeyDown={key}
        onDoubleClick={() => setView(null)}
      />
      {props.axes && <span className={classes.xAxis}>{props.axes.x} →</span>}
      {props.axes && <span className={classes.yAxis}>{props.axes.y} →</span>}
    </div>
  );
}

const corners = (a: Place, b: Place): Place[] => [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];

/** The same mixed order each time, so that no kind always hides another. */
function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let state = 12345;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}

function draw(canvas: HTMLCanvasElement | null, width: number, points: Points, colours: Uint32Array, order: Uint32Array, view: View, chosen: ReadonlySet<number>, picked: number | null, gate: readonly Place[]): void {
  const context = canvas?.getContext("2d");
  if (!canvas || !context) return;
  const began = performance.now();
  const image = context.createImageData(width, HEIGHT);
  const pixels = new Uint32Array(image.data.buffer);
  const side = points.x.length > 20_000 ? 2 : points.x.length > 2_000 ? 3 : 5;
  paint(pixels, width, HEIGHT, points, view, colours, order, side);
  if (chosen.size > 0) {
    const rows = Uint32Array.from(chosen);
    paint(pixels, width, HEIGHT, points, view, colours.map(() => CHOSEN), rows, side + 2);
    paint(pixels, width, HEIGHT, points, view, colours, rows, side);
  }
  context.putImageData(image, 0, 0);
  context.strokeStyle = "#ffffff";
  context.lineWidth = 2;
  if (picked !== null) {
    const at = seen(view, points.x[picked] ?? NaN, points.y[picked] ?? NaN, width, HEIGHT);
    context.beginPath();
    context.arc(at.x, at.y, 9, 0, 2 * Math.PI);
    context.stroke();
  }
  if (gate.length > 1) {
    context.setLineDash([5, 4]);
    context.beginPath();
    for (const corner of gate) {
      const at = seen(view, corner.x, corner.y, width, HEIGHT);
      context.lineTo(at.x, at.y);
    }
    context.closePath();
    context.stroke();
    context.setLineDash([]);
  }
  canvas.dataset["frameMs"] = (performance.now() - began).toFixed(1);
}
