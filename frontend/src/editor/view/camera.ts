/** Between image pixels and the canvas. The camera's point lies in the middle of the canvas. */
import type { Camera } from "../door";
import { clamp } from "../core/geometry";
import type { Bounds, Point, Rect } from "../core/geometry";

export const ZOOM_MIN = 0.01;
export const ZOOM_MAX = 64;

export interface CanvasSize {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly density: number;
}

export interface ImageExtent {
  readonly height: number;
  readonly width: number;
}

export const toImage = (camera: Camera, size: CanvasSize, canvas: Point): Point => ({
  x: camera.x + (canvas.x - size.width / 2) / camera.zoom,
  y: camera.y + (canvas.y - size.height / 2) / camera.zoom,
});

export const toCanvas = (camera: Camera, size: CanvasSize, image: Point): Point => ({
  x: (image.x - camera.x) * camera.zoom + size.width / 2,
  y: (image.y - camera.y) * camera.zoom + size.height / 2,
});

/** Keeps the image point under `at` where it is. */
export function zoomed(camera: Camera, factor: number, at: Point): Camera {
  const zoom = clamp(camera.zoom * factor, ZOOM_MIN, ZOOM_MAX);
  const keep = camera.zoom / zoom;
  return { x: at.x + (camera.x - at.x) * keep, y: at.y + (camera.y - at.y) * keep, zoom };
}

/** The picture cannot be lost: the middle of the canvas always shows a part of it. */
export const kept = (camera: Camera, image: ImageExtent): Camera => ({
  x: clamp(camera.x, 0, image.width),
  y: clamp(camera.y, 0, image.height),
  zoom: clamp(camera.zoom, ZOOM_MIN, ZOOM_MAX),
});

export function fitted(image: ImageExtent, size: CanvasSize): Camera {
  const zoom = 0.96 * Math.min(size.width / image.width, size.height / image.height);
  return { x: image.width / 2, y: image.height / 2, zoom: clamp(zoom, ZOOM_MIN, 16) };
}

/** Centres on a cell; comes closer when it would be a speck, goes back when it would not fit. */
export function centredOn(camera: Camera, bounds: Bounds, size: CanvasSize): Camera {
  const extent = Math.max(bounds.x_max - bounds.x_min, bounds.y_max - bounds.y_min) + 1;
  const room = Math.min(size.width, size.height);
  const share = (extent * camera.zoom) / room;
  const zoom = share < 0.04 ? (0.12 * room) / extent : share > 0.8 ? (0.8 * room) / extent : camera.zoom;
  return { x: (bounds.x_min + bounds.x_max + 1) / 2, y: (bounds.y_min + bounds.y_max + 1) / 2, zoom: clamp(zoom, ZOOM_MIN, ZOOM_MAX) };
}

/** The part of the image in view, px, not cut to the image. */
export function viewRect(camera: Camera, size: CanvasSize): Rect {
  const [half_x, half_y] = [size.width / 2 / camera.zoom, size.height / 2 / camera.zoom];
  return { x0: camera.x - half_x, y0: camera.y - half_y, x1: camera.x + half_x, y1: camera.y + half_y };
}
