/** What lies over a crop, and how it is painted. Pixels were decided before: here they are only shown. */
import { outlineOf, runsOfLine, type Line, type Point } from "@/editor/painting";
import type { Camera, Size } from "./camera";

/** Never colour alone: missed is hatched, extra is dotted, the truth is dashed. */
export type LayerTone = "mine" | "asked" | "right" | "missed" | "extra" | "truth" | "others";

export interface Layer {
  readonly tone: LayerTone;
  readonly line: Line;
}

export interface Dot {
  readonly tone: "mine" | "right" | "missed" | "extra" | "asked";
  readonly at: Point;
}

export interface Scene {
  readonly size: Size;
  readonly layers: readonly Layer[];
  readonly dots: readonly Dot[];
}

export interface Draft {
  readonly path: readonly Point[];
  readonly kind: "outline" | "brush" | "eraser" | "press";
  readonly diameter_px: number;
}

/** Bright ones, with a dark line beneath: crops are dark or light, and none of the pages' grounds. */
export const INKS: Record<LayerTone, string> = {
  mine: "#3fe0cd",
  asked: "#ffd95e",
  right: "#3fe0cd",
  missed: "#63c3ff",
  extra: "#ff8a4f",
  truth: "#ffffff",
  others: "#ffd95e",
};
const BENEATH = "rgb(0 0 0 / 65%)";
const FILLS: Partial<Record<LayerTone, number>> = { mine: 0.28, right: 0.16, missed: 0.1, extra: 0.18 };

const outlines = new WeakMap<Line, Path2D>();

function outlinePath(line: Line): Path2D {
  const known = outlines.get(line);
  if (known) return known;
  const path = new Path2D();
  for (const ring of outlineOf(runsOfLine(line))) {
    path.moveTo(ring[0], ring[1]);
    for (let i = 2; i < ring.length; i += 2) path.lineTo(ring[i], ring[i + 1]);
    path.closePath();
  }
  outlines.set(line, path);
  return path;
}

type Canvas = CanvasRenderingContext2D;

export function paintScene(canvas: Canvas, picture: CanvasImageSource | null, scene: Scene, camera: Camera, draft: Draft | null): void {
  canvas.save();
  canvas.translate(camera.x, camera.y);
  canvas.scale(camera.scale, camera.scale);
  canvas.imageSmoothingEnabled = camera.scale < 6;
  if (picture) canvas.drawImage(picture, 0, 0, scene.size.width, scene.size.height);
  for (const layer of scene.layers) paintLayer(canvas, layer, camera.scale);
  canvas.restore();
  for (const dot of scene.dots) paintDot(canvas, dot, camera);
  if (draft) paintDraft(canvas, draft, camera);
}

function paintLayer(canvas: Canvas, { tone, line }: Layer, scale: number): void {
  const path = outlinePath(line);
  const fill = FILLS[tone];
  canvas.save();
  if (fill !== undefined) {
    canvas.globalAlpha = fill;
    canvas.fillStyle = INKS[tone];
    canvas.fill(path, "evenodd");
    canvas.globalAlpha = 1;
  }
  if (tone === "missed" || tone === "extra") paintPattern(canvas, path, tone, scale);
  for (const [width, colour] of [[4, BENEATH], [2, INKS[tone]]] as const) {
    canvas.lineWidth = width / scale;
    canvas.strokeStyle = colour;
    canvas.setLineDash(tone === "truth" && colour !== BENEATH ? [6 / scale, 4 / scale] : []);
    canvas.stroke(path);
  }
  canvas.restore();
}

/** Slanted lines, or dots, in the window's px. */
function paintPattern(canvas: Canvas, path: Path2D, tone: "missed" | "extra", scale: number): void {
  canvas.save();
  canvas.clip(path, "evenodd");
  canvas.fillStyle = canvas.strokeStyle = INKS[tone];
  canvas.lineWidth = 1.5 / scale;
  const [reach, step] = [1024, 7 / scale];
  if (tone === "missed") {
    canvas.beginPath();
    for (let at = -reach; at < reach; at += step) {
      canvas.moveTo(at, 0);
      canvas.lineTo(at + reach, reach);
    }
    canvas.stroke();
  } else {
    canvas.setLineDash([1.5 / scale, 5 / scale]);
    canvas.beginPath();
    for (let y = 0; y < reach; y += 5 / scale) {
      canvas.moveTo(0, y);
      canvas.lineTo(reach, y);
    }
    canvas.stroke();
  }
  canvas.restore();
}

const DOT_PX = 7;

function paintDot(canvas: Canvas, { tone, at }: Dot, camera: Camera): void {
  const [x, y] = [at.x * camera.scale + camera.x, at.y * camera.scale + camera.y];
  for (const [width, colour] of [[5, BENEATH], [2.5, INKS[tone]]] as const) {
    canvas.lineWidth = width;
    canvas.strokeStyle = colour;
    canvas.beginPath();
    if (tone === "extra") {
      canvas.moveTo(x - DOT_PX, y - DOT_PX);
      canvas.lineTo(x + DOT_PX, y + DOT_PX);
      canvas.moveTo(x + DOT_PX, y - DOT_PX);
      canvas.lineTo(x - DOT_PX, y + DOT_PX);
    } else canvas.arc(x, y, tone === "missed" ? DOT_PX + 4 : DOT_PX, 0, 2 * Math.PI);
    canvas.stroke();
  }
  if (tone === "missed" || tone === "extra") return;
  canvas.fillStyle = INKS[tone];
  canvas.beginPath();
  canvas.arc(x, y, 2.5, 0, 2 * Math.PI);
  canvas.fill();
}

function paintDraft(canvas: Canvas, { path, kind, diameter_px }: Draft, camera: Camera): void {
  if (path.length === 0) return;
  const at = path.map(({ x, y }) => ({ x: x * camera.scale + camera.x, y: y * camera.scale + camera.y }));
  const last = at[at.length - 1];
  canvas.save();
  canvas.lineCap = canvas.lineJoin = "round";
  if (kind === "press") paintCross(canvas, last);
  else if (kind === "outline") {
    trace(canvas, at);
    strokeTwice(canvas, INKS.mine);
    canvas.setLineDash([4, 5]);
    trace(canvas, [last, at[0]]);
    canvas.stroke();
  } else {
    canvas.lineWidth = Math.max(1, diameter_px * camera.scale);
    canvas.globalAlpha = 0.45;
    canvas.strokeStyle = kind === "brush" ? INKS.mine : "#14181d";
    trace(canvas, at.length === 1 ? [last, { x: last.x + 0.01, y: last.y }] : at);
    canvas.stroke();
    canvas.globalAlpha = 1;
    canvas.lineWidth = 1.5;
    canvas.strokeStyle = "#ffffff";
    canvas.beginPath();
    canvas.arc(last.x, last.y, Math.max(1, (diameter_px * camera.scale) / 2), 0, 2 * Math.PI);
    canvas.stroke();
  }
  canvas.restore();
}

function trace(canvas: Canvas, at: readonly Point[]): void {
  canvas.beginPath();
  at.forEach(({ x, y }, i) => (i === 0 ? canvas.moveTo(x, y) : canvas.lineTo(x, y)));
}

function strokeTwice(canvas: Canvas, colour: string): void {
  for (const [width, ink] of [[5, BENEATH], [2.5, colour]] as const) {
    canvas.lineWidth = width;
    canvas.strokeStyle = ink;
    canvas.stroke();
  }
}

export function paintCross(canvas: Canvas, { x, y }: Point): void {
  canvas.beginPath();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    canvas.moveTo(x + 4 * dx, y + 4 * dy);
    canvas.lineTo(x + 14 * dx, y + 14 * dy);
  }
  strokeTwice(canvas, "#ffffff");
}

const LOUPE = { radius_px: 54, above_px: 104, times: 2.2 } as const;

/** A round window above the finger that shows, enlarged, what the finger hides. */
export function paintLoupe(canvas: Canvas, picture: CanvasImageSource | null, scene: Scene, camera: Camera, draft: Draft | null, finger: Point, window: Size): void {
  const at = loupePlace(finger, window);
  const { times } = LOUPE;
  const near: Camera = { scale: camera.scale * times, x: at.x - (finger.x - camera.x) * times, y: at.y - (finger.y - camera.y) * times };
  canvas.save();
  canvas.beginPath();
  canvas.arc(at.x, at.y, LOUPE.radius_px, 0, 2 * Math.PI);
  canvas.fillStyle = "#0b0e11";
  canvas.fill();
  canvas.save();
  canvas.clip();
  paintScene(canvas, picture, scene, near, draft);
  paintCross(canvas, at);
  canvas.restore();
  canvas.lineWidth = 3;
  canvas.strokeStyle = "#ffffff";
  canvas.beginPath();
  canvas.arc(at.x, at.y, LOUPE.radius_px, 0, 2 * Math.PI);
  canvas.stroke();
  canvas.restore();
}

/** Above the finger; near the upper edge beside it, away from the nearer border. */
export function loupePlace(finger: Point, window: Size): Point {
  const { radius_px, above_px } = LOUPE;
  const clamp = (value: number, room: number): number => Math.min(Math.max(value, radius_px + 2), Math.max(radius_px + 2, room - radius_px - 2));
  if (finger.y - above_px >= radius_px) return { x: clamp(finger.x, window.width), y: finger.y - above_px };
  const side = finger.x < window.width / 2 ? 1 : -1;
  return { x: clamp(finger.x + side * above_px, window.width), y: clamp(finger.y - above_px, window.height) };
}
