/** Pointers to stories: mouse, pen, one finger as a pen, two fingers for the camera. */
import type { Command, ToolName } from "../door";
import type { Point } from "../core/geometry";
import type { PointerStory } from "../tools/tool";
import { CLICK_PX } from "../tools/tool";
import type { Habits } from "./habits";
import { momentaryTool } from "./momentary-tool";
import type { HandTool } from "./momentary-tool";

export interface PointerOwner {
  readonly tool: () => ToolName;
  readonly habits: () => Habits;
  readonly toImage: (client_x: number, client_y: number) => Point;
  /** A story for a tool; the tool that began a gesture hears it to its end. */
  readonly tell: (tool: ToolName, story: PointerStory) => void;
  readonly dispatch: (command: Command) => void;
  /** Which tools take the right button and movements without a button. */
  readonly wants: (tool: ToolName) => { readonly right: boolean; readonly hovers: boolean };
  /** The pointer rests or moves over the picture, or has left it (null). */
  readonly hover: (at: Point | null) => void;
  /** The right button was clicked for the menu of what lies there, client px. */
  readonly menu: (at: Point) => void;
}

interface Gesture {
  readonly pointer: number;
  readonly tool: HandTool;
  readonly from: Point;
  readonly start: Point;
  last: Point;
  travelled_px: number;
  readonly right: boolean;
  readonly clicks: number;
}

const RIGHT = 2;
/** Two downs so close in time and place are a double click. */
const DOUBLE_MS = 400;
const DOUBLE_PX = 6;

const clientOf = (event: PointerEvent): Point => ({ x: event.clientX, y: event.clientY });

export function listenToPointers(canvas: HTMLCanvasElement, owner: PointerOwner): () => void {
  let gesture: Gesture | null = null;
  let clicks = 0;
  let lastDown = { at: { x: 0, y: 0 }, time: -Infinity };
  const fingers = new Map<number, Point>();
  /** Whoever has a pen rests the hand on the glass: from then on fingers only pan. */
  let penSeen = false;
  const abort = new AbortController();
  const on = (name: "pointerdown" | "pointermove" | "pointerup" | "pointercancel" | "pointerleave", hear: (event: PointerEvent) => void): void =>
    canvas.addEventListener(name, hear, { signal: abort.signal });

  on("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    if (event.pointerType === "pen") penDown(event);
    else if (event.pointerType === "touch") fingerDown(event);
    else if (!gesture) begin(event);
  });

  /** The pen comes before a palm that was there first. */
  function penDown(event: PointerEvent): void {
    penSeen = true;
    fingers.clear();
    dropGesture();
    begin(event);
  }

  function fingerDown(event: PointerEvent): void {
    if (gesture && !fingers.has(gesture.pointer)) return;
    fingers.set(event.pointerId, clientOf(event));
    if (fingers.size > 1) dropGesture();
    else begin(event);
  }

  on("pointermove", (event) => {
    if (fingers.size > 1 && fingers.has(event.pointerId)) moveFingers(event);
    else if (gesture?.pointer === event.pointerId) move(event, gesture);
    if (event.pointerType === "touch") return;
    owner.hover(imageOf(event));
    if (!gesture && owner.wants(owner.tool()).hovers) owner.tell(owner.tool(), storyOf("hover", event, hoverOf(event), [imageOf(event)]));
  });

  const finish = (event: PointerEvent): void => {
    fingers.delete(event.pointerId);
    const ended = gesture;
    if (ended?.pointer !== event.pointerId) return;
    gesture = null;
    if (ended.tool === "resize") return;
    if (event.type === "pointerup" && ended.tool === "menu") showMenu(event, ended);
    else if (ended.tool === "menu") return;
    else if (event.type === "pointerup") owner.tell(ended.tool, storyOf("up", event, ended, [imageOf(event)]));
    else owner.dispatch({ kind: "gesture.cancel" });
  };
  on("pointerup", finish);
  on("pointercancel", finish);
  on("pointerleave", () => owner.hover(null));
  // Nothing is left to the browser's gestures: the fling that it would make of a quick stroke swallows the next tap.
  canvas.addEventListener("touchstart", (event) => event.preventDefault(), { signal: abort.signal, passive: false });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault(), { signal: abort.signal });

  function showMenu(event: PointerEvent, ended: Gesture): void {
    if (ended.travelled_px <= CLICK_PX) owner.menu(clientOf(event));
  }

  const imageOf = (event: PointerEvent): Point => owner.toImage(event.clientX, event.clientY);

  function begin(event: PointerEvent): void {
    const at = clientOf(event);
    const tool = toolFor(event);
    clicks = countClicks(event, at);
    gesture = { pointer: event.pointerId, tool, from: imageOf(event), start: at, last: at, travelled_px: 0, right: event.button === RIGHT, clicks };
    if (tool === "brush" && gesture.right && owner.habits().right === "draw") owner.dispatch({ kind: "cell.new" });
    if (isTool(tool)) owner.tell(tool, storyOf("down", event, gesture, [gesture.from]));
  }

  function toolFor(event: PointerEvent): HandTool {
    const [tool, habits] = [owner.tool(), owner.habits()];
    if (event.pointerType === "touch" && penSeen) return "pan";
    if (event.pointerType === "touch" && !habits.fingerDraws) return "select";
    return momentaryTool(event, tool, owner.wants(tool).right, habits);
  }

  function move(event: PointerEvent, now: Gesture): void {
    const at = clientOf(event);
    now.travelled_px = Math.max(now.travelled_px, Math.hypot(at.x - now.start.x, at.y - now.start.y));
    if (now.tool === "resize") owner.dispatch({ kind: "brush.resize", factor: Math.exp((at.x - now.last.x) / 120) });
    else owner.tell(now.tool === "menu" ? "pan" : now.tool, storyOf("move", event, now, samplesOf(event)));
    now.last = at;
  }

  const hoverOf = (event: PointerEvent): Gesture => ({
    pointer: event.pointerId, tool: owner.tool(), from: imageOf(event), start: clientOf(event), last: clientOf(event), travelled_px: 0, right: false, clicks: 0,
  });

  /** Pointer events do not count clicks themselves. */
  function countClicks(event: PointerEvent, at: Point): number {
    const again = event.timeStamp - lastDown.time < DOUBLE_MS && Math.hypot(at.x - lastDown.at.x, at.y - lastDown.at.y) < DOUBLE_PX;
    lastDown = { at, time: event.timeStamp };
    return again ? clicks + 1 : 1;
  }

  /** Samples that the browser joined into one event. */
  function samplesOf(event: PointerEvent): Point[] {
    const all = event.getCoalescedEvents();
    return (all.length > 0 ? all : [event]).map(imageOf);
  }

  function storyOf(kind: PointerStory["kind"], event: PointerEvent, now: Gesture, samples: readonly Point[]): PointerStory {
    return {
      kind,
      at: imageOf(event),
      samples,
      from: now.from,
      dx_px: onDevice(event.clientX) - onDevice(now.last.x),
      dy_px: onDevice(event.clientY) - onDevice(now.last.y),
      travelled_px: now.travelled_px,
      shift: event.shiftKey,
      ctrl: event.ctrlKey || event.metaKey,
      alt: event.altKey,
      clicks: now.clicks,
      right: now.right,
      pressure: owner.habits().penPressure && event.pointerType === "pen" ? event.pressure : 1,
    };
  }

  /** A second finger makes the first one's stroke a mistake. */
  function dropGesture(): void {
    if (gesture && isTool(gesture.tool)) owner.dispatch({ kind: "gesture.cancel" });
    gesture = null;
  }

  function moveFingers(event: PointerEvent): void {
    const before = [...fingers.values()].slice(0, 2);
    fingers.set(event.pointerId, clientOf(event));
    const after = [...fingers.values()].slice(0, 2);
    const [from, to] = [middleOf(before), middleOf(after)];
    owner.dispatch({ kind: "camera.pan", dx_px: to.x - from.x, dy_px: to.y - from.y });
    const factor = spreadOf(after) / Math.max(1, spreadOf(before));
    owner.dispatch({ kind: "camera.zoom", factor, at: owner.toImage(to.x, to.y) });
  }

  return () => abort.abort();
}

/** The nearest whole device pixel: a picture that moves by whole pixels is moved along, not drawn anew. */
const onDevice = (css_px: number): number => Math.round(css_px * devicePixelRatio) / devicePixelRatio;

const isTool = (tool: HandTool): tool is ToolName => tool !== "resize" && tool !== "menu";

const middleOf = ([a, b]: readonly Point[]): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const spreadOf = ([a, b]: readonly Point[]): number => Math.hypot(a.x - b.x, a.y - b.y);
