/** Where the crop lies in the window: CSS px = image px × scale + (x, y). Pure. */
import type { Point } from "@/editor/painting";

export interface Camera {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const MARGIN_PX = 8;
const MOST_SCALE = 40;

/** The whole crop in the middle of the window. */
export function fitted(crop: Size, window: Size): Camera {
  const scale = Math.max(0.05, Math.min((window.width - 2 * MARGIN_PX) / crop.width, (window.height - 2 * MARGIN_PX) / crop.height));
  return { scale, x: (window.width - crop.width * scale) / 2, y: (window.height - crop.height * scale) / 2 };
}

export const toImage = ({ scale, x, y }: Camera, at: Point): Point => ({ x: (at.x - x) / scale, y: (at.y - y) / scale });
export const toWindow = ({ scale, x, y }: Camera, at: Point): Point => ({ x: at.x * scale + x, y: at.y * scale + y });

/** Zoomed about a place of the window, which stays where it is. */
export function zoomed(camera: Camera, at: Point, factor: number, crop: Size, window: Size): Camera {
  const least = fitted(crop, window).scale * 0.9;
  const scale = Math.min(MOST_SCALE, Math.max(least, camera.scale * factor));
  const kept = scale / camera.scale;
  return held({ scale, x: at.x - (at.x - camera.x) * kept, y: at.y - (at.y - camera.y) * kept }, crop, window);
}

export const moved = (camera: Camera, dx: number, dy: number, crop: Size, window: Size): Camera => held({ ...camera, x: camera.x + dx, y: camera.y + dy }, crop, window);

/** The camera after two fingers went from one pair of places to another: what was under them stays under them. */
export function pinched(camera: Camera, from: readonly [Point, Point], to: readonly [Point, Point], crop: Size, window: Size): Camera {
  const [before, after] = [spread(from), spread(to)];
  const [was, now] = [between(from), between(to)];
  const turned = zoomed(camera, was, before > 0 ? after / before : 1, crop, window);
  return moved(turned, now.x - was.x, now.y - was.y, crop, window);
}

const spread = ([a, b]: readonly [Point, Point]): number => Math.hypot(a.x - b.x, a.y - b.y);
const between = ([a, b]: readonly [Point, Point]): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

/** The middle of the window never leaves the crop. */
function held(camera: Camera, crop: Size, window: Size): Camera {
  const along = (offset: number, length: number, room: number): number => Math.min(room / 2, Math.max(room / 2 - length * camera.scale, offset));
  return { scale: camera.scale, x: along(camera.x, crop.width, window.width), y: along(camera.y, crop.height, window.height) };
}
