/** Which part of the tree is looked at. Times are in frames, a track of frames a..b reaches from a to b + 1. */
export interface ViewWindow {
  /** Frame at the left edge. */
  readonly t0: number;
  readonly frame_px: number;
  /** Row at the top edge. */
  readonly top: number;
  readonly row_px: number;
}

export interface Room {
  readonly width: number;
  readonly height: number;
}

export const GUTTER_PX = 8;
export const AXIS_PX = 18;
const ROWS_PX = { least: 4, most: 36 };
const MOST_FRAME_PX = 60;

export const PLAIN_ROW_PX = 15;

export const xOf = (view: ViewWindow, t: number): number => GUTTER_PX + (t - view.t0) * view.frame_px;
export const yOf = (view: ViewWindow, row: number): number => AXIS_PX + (row + 0.5 - view.top) * view.row_px;
export const frameAt = (view: ViewWindow, x: number): number => view.t0 + (x - GUTTER_PX) / view.frame_px;
export const rowAt = (view: ViewWindow, y: number): number => view.top + (y - AXIS_PX) / view.row_px;

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));

/** The whole movie across, the rows as they are. */
export function fitTime(view: ViewWindow, room: Room, frames: number): ViewWindow {
  return { ...view, t0: 0, frame_px: Math.max((room.width - 2 * GUTTER_PX) / frames, 0.01) };
}

/** Never beside the tree. */
export function kept(view: ViewWindow, room: Room, frames: number, rows: number): ViewWindow {
  const across = Math.max(room.width - 2 * GUTTER_PX, 1);
  const frame_px = clamp(view.frame_px, across / frames, Math.max(MOST_FRAME_PX, across / frames));
  const row_px = clamp(view.row_px, ROWS_PX.least, ROWS_PX.most);
  const shown = (room.height - AXIS_PX) / row_px;
  return { frame_px, row_px, t0: clamp(view.t0, 0, frames - across / frame_px), top: clamp(view.top, 0, rows - shown) };
}

/** What is under the pointer stays there. */
export function zoomedTime(view: ViewWindow, factor: number, x: number): ViewWindow {
  const at = frameAt(view, x);
  const frame_px = view.frame_px * factor;
  return { ...view, frame_px, t0: at - (x - GUTTER_PX) / frame_px };
}

export function zoomedRows(view: ViewWindow, factor: number, y: number): ViewWindow {
  const at = rowAt(view, y);
  const row_px = clamp(view.row_px * factor, ROWS_PX.least, ROWS_PX.most);
  return { ...view, row_px, top: at - (y - AXIS_PX) / row_px };
}

/** Scrolled as little as brings a row and a frame into sight. */
export function showing(view: ViewWindow, room: Room, row: number, t: number): ViewWindow {
  const [rows, frames] = [(room.height - AXIS_PX) / view.row_px, (room.width - 2 * GUTTER_PX) / view.frame_px];
  const top = row < view.top ? row - 1 : row + 1 > view.top + rows ? row + 2 - rows : view.top;
  const t0 = t < view.t0 ? t - frames / 4 : t + 1 > view.t0 + frames ? t + 1 - (3 * frames) / 4 : view.t0;
  return { ...view, top, t0 };
}
