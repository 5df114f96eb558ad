/** Commands that change what is looked at: frames, camera, channels, overlay, selection, tools. */
import type { ChannelView, Command } from "../door";
import { clamp } from "../core/geometry";
import { Refused } from "../core/operations";
import { centredOn, fitted, kept, zoomed } from "../view/camera";
import type { Desk } from "./desk";

type Of<K extends Command["kind"]> = Extract<Command, { kind: K }>;

const BRUSH_MIN_PX = 1;
const BRUSH_MAX_PX = 500;

export function goToFrame(desk: Desk, { t = desk.outlook.t, z = desk.outlook.z }: Of<"frame.go">): void {
  const { size } = desk.document;
  desk.set({ t: clamp(Math.round(t), 0, size.t - 1), z: clamp(Math.round(z), 0, size.z - 1) });
}

export function stepFrame(desk: Desk, { t = 0, z = 0 }: Of<"frame.step">): void {
  goToFrame(desk, { kind: "frame.go", t: desk.outlook.t + t, z: desk.outlook.z + z });
}

// ------------------------------------------------------------ camera

const imageOf = ({ document: { size } }: Desk) => ({ height: size.y, width: size.x });

export function setCamera(desk: Desk, { camera }: Of<"camera.set">): void {
  desk.set({ camera: kept({ ...desk.outlook.camera, ...camera }, imageOf(desk)) });
}

export function panCamera(desk: Desk, { dx_px, dy_px }: Of<"camera.pan">): void {
  const { x, y, zoom } = desk.outlook.camera;
  setCamera(desk, { kind: "camera.set", camera: { x: x - dx_px / zoom, y: y - dy_px / zoom } });
}

export function zoomCamera(desk: Desk, { factor, at }: Of<"camera.zoom">): void {
  const { camera } = desk.outlook;
  desk.set({ camera: kept(zoomed(camera, factor, at ?? camera), imageOf(desk)) });
}

export function fitCamera(desk: Desk): void {
  desk.set({ camera: fitted(imageOf(desk), desk.canvasSize()) });
}

export function centreOnCell(desk: Desk, { cell }: Of<"camera.centre">): void {
  const measure = desk.frame()?.measure(cell);
  if (!measure) throw new Refused(`Cell ${cell} has no pixel in this frame.`);
  desk.set({ camera: centredOn(desk.outlook.camera, measure.bounds, desk.canvasSize()) });
}

// ------------------------------------------------------------ channels and overlay

export function setChannel(desk: Desk, { channel, view }: Of<"channel.set">): void {
  changeChannels(desk, (look, c) => (c === channel ? { ...look, ...view } : look));
}

function changeChannels(desk: Desk, change: (look: ChannelView, c: number) => ChannelView): void {
  desk.set({ channels: desk.outlook.channels.map(change) });
}

export function autoContrast(desk: Desk, { channel }: Of<"channel.auto">): void {
  changeChannels(desk, (look, c) => {
    const window = channel === undefined || c === channel ? desk.autoWindow(c) : null;
    return window ? { ...look, min: window[0], max: window[1] } : look;
  });
}

export function resetChannel(desk: Desk, { channel }: Of<"channel.reset">): void {
  changeChannels(desk, (look, c) => (channel === undefined || c === channel ? { ...desk.firstLook(c), visible: look.visible } : look));
}

/** One channel alone, the next or previous at each call. */
export function soloChannel(desk: Desk, { by }: Of<"channel.solo">): void {
  const { channels } = desk.outlook;
  const shown = channels.flatMap((look, c) => (look.visible ? [c] : []));
  const from = shown.length === 1 ? shown[0] : by > 0 ? -1 : 0;
  const next = (from + by + channels.length) % channels.length;
  changeChannels(desk, (look, c) => ({ ...look, visible: c === next }));
}

export function setOverlay(desk: Desk, { overlay }: Of<"overlay.set">): void {
  desk.set({ overlay: { ...desk.outlook.overlay, ...overlay } });
}

// ------------------------------------------------------------ selection and tools

export function select(desk: Desk, { cells }: Of<"select">): void {
  desk.set({ selected: [...new Set(cells)] });
}

/** A second click on the same spot goes through the cells that overlap there. */
export function selectAt(desk: Desk, { at, add }: Of<"select.at">): void {
  const under = desk.frame()?.cellsAt(Math.floor(at.x), Math.floor(at.y)) ?? [];
  const { selected } = desk.outlook;
  const next = under[(under.indexOf(selected[0]) + 1) % Math.max(1, under.length)];
  if (!add) select(desk, { kind: "select", cells: next === undefined ? [] : [next] });
  else if (under.length > 0) select(desk, { kind: "select", cells: toggled(selected, under[0]) });
}

const toggled = (cells: readonly number[], cell: number): number[] =>
  cells.includes(cell) ? cells.filter((other) => other !== cell) : [...cells, cell];

export function stepSelection(desk: Desk, { by }: Of<"select.step">): void {
  const ids = desk.frame()?.cellIds() ?? [];
  if (ids.length === 0) return;
  const [now] = desk.outlook.selected;
  const next = by > 0 ? ids.find((id) => id > (now ?? 0)) : ids.findLast((id) => id < (now ?? Infinity));
  const cell = next ?? ids[by > 0 ? 0 : ids.length - 1];
  select(desk, { kind: "select", cells: [cell] });
  centreIfHidden(desk, cell);
}

function centreIfHidden(desk: Desk, cell: number): void {
  const measure = desk.frame()?.measure(cell);
  const { camera } = desk.outlook;
  const size = desk.canvasSize();
  const off_x = Math.abs((measure?.centroid_x ?? camera.x) - camera.x) * camera.zoom > size.width / 2;
  const off_y = Math.abs((measure?.centroid_y ?? camera.y) - camera.y) * camera.zoom > size.height / 2;
  if (off_x || off_y) centreOnCell(desk, { kind: "camera.centre", cell });
}

export function setToolOptions(desk: Desk, { options }: Of<"tool.options">): void {
  const toolOptions = { ...desk.outlook.toolOptions, ...options };
  desk.set({ toolOptions: { ...toolOptions, brush_px: clamp(toolOptions.brush_px, BRUSH_MIN_PX, BRUSH_MAX_PX) } });
}

/** Small sizes step by whole pixels; a drag adds up from fractions. */
export function resizeBrush(desk: Desk, { factor }: Of<"brush.resize">): void {
  const { brush_px } = desk.outlook.toolOptions;
  const grown = brush_px * factor;
  const notch = Math.abs(factor - 1) > 0.1;
  const whole = notch ? (factor > 1 ? Math.max(Math.round(grown), Math.floor(brush_px) + 1) : Math.min(Math.round(grown), Math.ceil(brush_px) - 1)) : grown;
  setToolOptions(desk, { kind: "tool.options", options: { brush_px: whole } });
}
