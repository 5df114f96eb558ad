/** Commands that change what is looked at: frames, camera, channels, overlay, selection, tools. */
import type { Camera, ChannelView, Crosshair, OverlayView, ToolName, ToolOptions } from "../door";
import type { Point } from "../core/geometry";
import { clamp } from "../core/geometry";
import { Refused } from "../core/operations";
import { centredOn, fitted, kept, zoomed } from "../view/camera";
import type { Desk } from "./desk";
import type { Doers } from "./doers";
import { readyFor, refreshGuided } from "./guided-commands";

export type ViewCommand =
  | { readonly kind: "select"; readonly cells: readonly number[] }
  | { readonly kind: "select.at"; readonly at: Point; readonly add: boolean }
  | { readonly kind: "select.step"; readonly by: 1 | -1 }
  | { readonly kind: "tool"; readonly tool: ToolName }
  | { readonly kind: "tool.options"; readonly options: Partial<ToolOptions> }
  | { readonly kind: "brush.resize"; readonly factor: number }
  | { readonly kind: "frame.go"; readonly t?: number; readonly z?: number }
  | { readonly kind: "frame.step"; readonly t?: number; readonly z?: number }
  | { readonly kind: "camera.set"; readonly camera: Partial<Camera> }
  | { readonly kind: "camera.pan"; readonly dx_px: number; readonly dy_px: number }
  | { readonly kind: "camera.zoom"; readonly factor: number; readonly at?: Point }
  | { readonly kind: "camera.fit" }
  | { readonly kind: "camera.centre"; readonly cell: number }
  | { readonly kind: "channel.set"; readonly channel: number; readonly view: Partial<ChannelView> }
  | { readonly kind: "channel.auto"; readonly channel?: number }
  | { readonly kind: "channel.reset"; readonly channel?: number }
  | { readonly kind: "channel.solo"; readonly by: 1 | -1 }
  | { readonly kind: "crosshair.set"; readonly crosshair: Crosshair | null }
  | { readonly kind: "overlay.set"; readonly overlay: Partial<OverlayView> }
  /** The cursor that keys move, on where the pointer or the middle of the view is, or off. */
  | { readonly kind: "cursor.toggle" }
  /** By image px; the picture follows it. */
  | { readonly kind: "cursor.move"; readonly dx: number; readonly dy: number };

type Of<K extends ViewCommand["kind"]> = Extract<ViewCommand, { kind: K }>;

const BRUSH_MIN_PX = 1;
const BRUSH_MAX_PX = 500;

function goToFrame(desk: Desk, { t = desk.outlook.t, z = desk.outlook.z }: Of<"frame.go">): void {
  const { size } = desk.document;
  desk.set({ t: clamp(Math.round(t), 0, size.t - 1), z: clamp(Math.round(z), 0, size.z - 1) });
}

function stepFrame(desk: Desk, { t = 0, z = 0 }: Of<"frame.step">): void {
  goToFrame(desk, { kind: "frame.go", t: desk.outlook.t + t, z: desk.outlook.z + z });
}

// ------------------------------------------------------------ camera

const imageOf = ({ document: { size } }: Desk) => ({ height: size.y, width: size.x });

function setCamera(desk: Desk, { camera }: Of<"camera.set">): void {
  desk.set({ camera: kept({ ...desk.outlook.camera, ...camera }, imageOf(desk)) });
}

function panCamera(desk: Desk, { dx_px, dy_px }: Of<"camera.pan">): void {
  const { x, y, zoom } = desk.outlook.camera;
  setCamera(desk, { kind: "camera.set", camera: { x: x - dx_px / zoom, y: y - dy_px / zoom } });
}

function zoomCamera(desk: Desk, { factor, at }: Of<"camera.zoom">): void {
  const { camera } = desk.outlook;
  desk.set({ camera: kept(zoomed(camera, factor, at ?? camera), imageOf(desk)) });
}

function fitCamera(desk: Desk): void {
  desk.set({ camera: fitted(imageOf(desk), desk.canvasSize()) });
}

function centreOnCell(desk: Desk, { cell }: Of<"camera.centre">): void {
  const measure = desk.frame()?.measure(cell);
  if (!measure) throw new Refused(`Cell ${cell} has no pixel in this frame.`);
  desk.set({ camera: centredOn(desk.outlook.camera, measure.bounds, desk.canvasSize()) });
}

// ------------------------------------------------------------ channels and overlay

function setChannel(desk: Desk, { channel, view }: Of<"channel.set">): void {
  changeChannels(desk, (look, c) => (c === channel ? { ...look, ...view } : look));
}

function changeChannels(desk: Desk, change: (look: ChannelView, c: number) => ChannelView): void {
  desk.set({ channels: desk.outlook.channels.map(change) });
}

function autoContrast(desk: Desk, { channel }: Of<"channel.auto">): void {
  changeChannels(desk, (look, c) => {
    const window = channel === undefined || c === channel ? desk.autoWindow(c) : null;
    return window ? { ...look, min: window[0], max: window[1] } : look;
  });
}

function resetChannel(desk: Desk, { channel }: Of<"channel.reset">): void {
  changeChannels(desk, (look, c) => (channel === undefined || c === channel ? { ...desk.firstLook(c), visible: look.visible } : look));
}

/** One channel alone, the next or previous at each call. */
function soloChannel(desk: Desk, { by }: Of<"channel.solo">): void {
  const { channels } = desk.outlook;
  const shown = channels.flatMap((look, c) => (look.visible ? [c] : []));
  const from = shown.length === 1 ? shown[0] : by > 0 ? -1 : 0;
  const next = (from + by + channels.length) % channels.length;
  changeChannels(desk, (look, c) => ({ ...look, visible: c === next }));
}

function setOverlay(desk: Desk, { overlay }: Of<"overlay.set">): void {
  desk.set({ overlay: { ...desk.outlook.overlay, ...overlay } });
}

// ------------------------------------------------------------ selection and tools

function select(desk: Desk, { cells }: Of<"select">): void {
  desk.set({ selected: [...new Set(cells)] });
}

/** A second click on the same spot goes through the cells that overlap there. */
function selectAt(desk: Desk, { at, add }: Of<"select.at">): void {
  const under = desk.cellsAt(Math.floor(at.x), Math.floor(at.y));
  const { selected } = desk.outlook;
  const next = under[(under.indexOf(selected[0]) + 1) % Math.max(1, under.length)];
  if (!add) select(desk, { kind: "select", cells: next === undefined ? [] : [next] });
  else if (under.length > 0) select(desk, { kind: "select", cells: toggled(selected, under[0]) });
}

const toggled = (cells: readonly number[], cell: number): number[] =>
  cells.includes(cell) ? cells.filter((other) => other !== cell) : [...cells, cell];

function stepSelection(desk: Desk, { by }: Of<"select.step">): void {
  const ids = desk.frame()?.cellIds() ?? [];
  if (ids.length === 0) return;
  const [now] = desk.outlook.selected;
  const next = by > 0 ? ids.find((id) => id > (now ?? 0)) : ids.findLast((id) => id < (now ?? Infinity));
  const cell = next ?? ids[by > 0 ? 0 : ids.length - 1];
  select(desk, { kind: "select", cells: [cell] });
  centreIfHidden(desk, cell);
}

// ------------------------------------------------------------ the cursor that keys move

function toggleCursor(desk: Desk): void {
  const { cursor, hover, camera } = desk.outlook;
  const at = hover ?? { x: Math.floor(camera.x), y: Math.floor(camera.y) };
  desk.set({ cursor: cursor ? null : insideImage(desk, at.x + 0.5, at.y + 0.5) });
}

function moveCursor(desk: Desk, { dx, dy }: Of<"cursor.move">): void {
  const { cursor, camera } = desk.outlook;
  if (!cursor) return;
  const next = insideImage(desk, cursor.x + dx, cursor.y + dy);
  const size = desk.canvasSize();
  const off = Math.abs(next.x - camera.x) * camera.zoom > size.width / 2 || Math.abs(next.y - camera.y) * camera.zoom > size.height / 2;
  desk.set({ cursor: next });
  if (off) setCamera(desk, { kind: "camera.set", camera: { x: next.x, y: next.y } });
}

/** The middle of a pixel of the image. */
function insideImage({ document: { size } }: Desk, x: number, y: number): Point {
  return { x: clamp(Math.floor(x), 0, size.x - 1) + 0.5, y: clamp(Math.floor(y), 0, size.y - 1) + 0.5 };
}

function centreIfHidden(desk: Desk, cell: number): void {
  const measure = desk.frame()?.measure(cell);
  const { camera } = desk.outlook;
  const size = desk.canvasSize();
  const off_x = Math.abs((measure?.centroid_x ?? camera.x) - camera.x) * camera.zoom > size.width / 2;
  const off_y = Math.abs((measure?.centroid_y ?? camera.y) - camera.y) * camera.zoom > size.height / 2;
  if (off_x || off_y) centreOnCell(desk, { kind: "camera.centre", cell });
}

function setToolOptions(desk: Desk, { options }: Of<"tool.options">): void {
  const toolOptions = { ...desk.outlook.toolOptions, ...options };
  desk.set({ toolOptions: { ...toolOptions, brush_px: clamp(toolOptions.brush_px, BRUSH_MIN_PX, BRUSH_MAX_PX) } });
  refreshGuided(desk);
}

/** Small sizes step by whole pixels; a drag adds up from fractions. */
function resizeBrush(desk: Desk, { factor }: Of<"brush.resize">): void {
  const { brush_px } = desk.outlook.toolOptions;
  const grown = brush_px * factor;
  const notch = Math.abs(factor - 1) > 0.1;
  const whole = notch ? (factor > 1 ? Math.max(Math.round(grown), Math.floor(brush_px) + 1) : Math.min(Math.round(grown), Math.ceil(brush_px) - 1)) : grown;
  setToolOptions(desk, { kind: "tool.options", options: { brush_px: whole } });
}

/** Another tool begins with nothing in its hand. */
function chooseTool(desk: Desk, { tool }: Of<"tool">): void {
  readyFor(tool);
  desk.set({ tool, draft: desk.outlook.tool === tool ? desk.outlook.draft : null });
}

export const VIEW_DOERS: Doers<ViewCommand> = {
  select,
  "select.at": selectAt,
  "select.step": stepSelection,
  tool: chooseTool,
  "tool.options": setToolOptions,
  "brush.resize": resizeBrush,
  "frame.go": goToFrame,
  "frame.step": stepFrame,
  "camera.set": setCamera,
  "camera.pan": panCamera,
  "camera.zoom": zoomCamera,
  "camera.fit": fitCamera,
  "camera.centre": centreOnCell,
  "channel.set": setChannel,
  "channel.auto": autoContrast,
  "channel.reset": resetChannel,
  "channel.solo": soloChannel,
  "crosshair.set": (desk, { crosshair }) => desk.set({ crosshair }),
  "overlay.set": setOverlay,
  "cursor.toggle": toggleCursor,
  "cursor.move": moveCursor,
};
