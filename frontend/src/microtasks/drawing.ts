/** The masks of one answer while they are drawn: pure, every step can be taken back. */
import { difference, fillPolygon, lineOfRuns, normalise, ROW, StrokePath, sweepDisc, union, type Line, type Point } from "@/editor/painting";
import { areaOfLine, holdsPixel } from "./rows";

export type DrawingTool = "outline" | "brush" | "eraser";

interface Masks {
  readonly masks: readonly Line[];
  /** The mask that the last gesture wrote. */
  readonly chosen: number;
}

export interface Drawing extends Masks {
  readonly past: readonly Masks[];
  readonly future: readonly Masks[];
}

export interface Paper {
  readonly height: number;
  readonly width: number;
  /** All gestures belong to one mask. */
  readonly single: boolean;
}

/** Less than this is a slip of the finger, px. */
const LEAST_PX = 4;

export const startDrawing = (masks: readonly Line[]): Drawing => ({ masks: masks.filter((line) => line.length > 0), chosen: 0, past: [], future: [] });
export const isEmpty = (drawing: Masks): boolean => drawing.masks.every((line) => line.length === 0);

/** Pixels of a path: what a closed one encloses, or what a pen of this diameter passes. */
export function pixelsOf(tool: DrawingTool, path: readonly Point[], diameter_px: number, paper: Paper): number[] {
  const inside = tool === "outline" ? lineOfRuns(fillPolygon(path)) : swept(path, diameter_px);
  return clipped(inside, paper);
}

function swept(path: readonly Point[], diameter_px: number): number[] {
  const line: number[] = [];
  const emit = (y: number, x0: number, x1: number): void => void line.push(y * ROW + x0, y * ROW + x1);
  const [start] = path;
  if (!start) return line;
  const smooth = new StrokePath(start);
  let at = start;
  sweepDisc(at, at, diameter_px, (y, x0, x1) => y >= 0 && x1 > 0 && emit(y, Math.max(0, x0), x1));
  for (const sample of path.slice(1)) {
    for (const point of smooth.to(sample)) {
      sweepDisc(at, point, diameter_px, (y, x0, x1) => y >= 0 && x1 > 0 && emit(y, Math.max(0, x0), x1));
      at = point;
    }
  }
  return normalise(line);
}

function clipped(line: Line, { height, width }: Paper): number[] {
  const kept: number[] = [];
  for (let i = 0; i < line.length; i += 2) {
    const y = Math.floor(line[i] / ROW);
    const [x0, x1] = [Math.max(0, line[i] - y * ROW), Math.min(width, line[i + 1] - y * ROW)];
    if (y >= 0 && y < height && x1 > x0) kept.push(y * ROW + x0, y * ROW + x1);
  }
  return kept;
}

/** The drawing after a gesture; the same one where it changed nothing. */
export function withGesture(drawing: Drawing, tool: DrawingTool, path: readonly Point[], diameter_px: number, paper: Paper): Drawing {
  const pixels = pixelsOf(tool, path, diameter_px, paper);
  if (areaOfLine(pixels) < (tool === "outline" ? LEAST_PX : 1)) return drawing;
  return withStep(drawing, tool === "eraser" ? erased(drawing, pixels) : added(drawing, pixels, targetOf(drawing, tool, path[0], paper)));
}

/** The mask under the first touch; else a new one for an outline and the last one for a brush. */
function targetOf({ masks, chosen }: Masks, tool: DrawingTool, start: Point, { single }: Paper): number {
  if (single) return 0;
  const under = masks.findIndex((line) => holdsPixel(line, Math.floor(start.y), Math.floor(start.x)));
  if (under >= 0) return under;
  return tool === "outline" ? masks.length : Math.min(chosen, masks.length);
}

/** Pixels of other masks stay theirs. */
function added({ masks }: Masks, pixels: Line, target: number): Masks {
  const free = masks.reduce<Line>((left, line, i) => (i === target ? left : difference(left, line)), pixels);
  const now = [...masks];
  now[target] = union(now[target] ?? [], free);
  return { masks: now.filter((line) => line.length > 0), chosen: Math.min(target, now.length - 1) };
}

function erased({ masks, chosen }: Masks, pixels: Line): Masks {
  return { masks: masks.map((line) => difference(line, pixels)).filter((line) => line.length > 0), chosen };
}

function withStep(drawing: Drawing, next: Masks): Drawing {
  if (same(drawing.masks, next.masks)) return drawing;
  const { masks, chosen, past } = drawing;
  return { ...next, past: [...past, { masks, chosen }], future: [] };
}

const same = (a: readonly Line[], b: readonly Line[]): boolean =>
  a.length === b.length && a.every((line, i) => line.length === b[i].length && line.every((value, j) => value === b[i][j]));

export const cleared = (drawing: Drawing): Drawing => withStep(drawing, { masks: [], chosen: 0 });

export function undone(drawing: Drawing): Drawing {
  const last = drawing.past.at(-1);
  if (!last) return drawing;
  const { masks, chosen, past, future } = drawing;
  return { ...last, past: past.slice(0, -1), future: [...future, { masks, chosen }] };
}

export function redone(drawing: Drawing): Drawing {
  const next = drawing.future.at(-1);
  if (!next) return drawing;
  const { masks, chosen, past, future } = drawing;
  return { ...next, past: [...past, { masks, chosen }], future: future.slice(0, -1) };
}
