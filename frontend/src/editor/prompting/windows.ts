/** Windows of an embedding: where they lie, at which scale, and taking them out. The twin of training/engine/prompting/windows.py. */
import type { PromptModel } from "./contract";
import type { FrameEmbedding } from "./embedding";

/** Rows from `top`, columns from `left`, in coarse cells of stride × scale px; may reach beyond the picture. */
export interface Window {
  readonly top: number;
  readonly left: number;
  readonly scale: number;
}

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** How much wider than a cell its window should be. */
const ROOM = 1.35;

export const cellPx = (model: PromptModel, window: Window): number => model.stride_px * window.scale;

/** Python's round: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const half = value - floor === 0.5;
  return half ? floor + (Math.abs(floor) % 2) : Math.round(value);
}

export function windowAround(model: PromptModel, y_px: number, x_px: number, scale: number): Window {
  const cell = model.stride_px * scale;
  const half = Math.floor(model.window_cells / 2);
  return { top: roundHalfEven(y_px / cell) - half, left: roundHalfEven(x_px / cell) - half, scale };
}

/** The finest scale whose window has room around an object of that extent; the coarsest for larger ones. */
export const scaleFor = (model: PromptModel, extent_px: number): number =>
  model.scales.find((scale) => extent_px * ROOM <= model.window_cells * model.stride_px * scale) ?? model.scales[model.scales.length - 1];

export const cellsOf = (model: PromptModel, px: number): number => Math.ceil(px / model.stride_px);

/** The window's numbers, feature by feature, 0 beyond the picture; at a coarser scale means of k × k cells. */
export function takeWindow(model: PromptModel, frame: FrameEmbedding, window: Window): Float32Array {
  const side = model.window_cells;
  const into = new Float32Array(model.features * side * side);
  const share = 1 / window.scale ** 2;
  frame.eachTile(reachOf(model, window, frame.size), (tile, y0, y1, x0, x1) => {
    for (let f = 0; f < model.features; f++) {
      for (let y = y0; y < y1; y++) {
        const from = (f * tile.height + y - tile.top) * tile.width - tile.left;
        const to = (f * side + Math.floor(y / window.scale) - window.top) * side - window.left;
        for (let x = x0; x < x1; x++) into[to + Math.floor(x / window.scale)] += (tile.bytes[from + x] / 127.5 - 1) * share;
      }
    }
  });
  return into;
}

/** How much of each coarse cell lies in the picture. */
export function insideOf(model: PromptModel, size: Size, { top, left, scale }: Window): Float32Array {
  const side = model.window_cells;
  const rows = shares(top, scale, side, cellsOf(model, size.height));
  const columns = shares(left, scale, side, cellsOf(model, size.width));
  return Float32Array.from({ length: side * side }, (_, i) => rows[Math.floor(i / side)] * columns[i % side]);
}

const shares = (first: number, scale: number, side: number, cells: number): number[] =>
  Array.from({ length: side }, (_, i) => {
    const begin = (first + i) * scale;
    return Math.max(0, Math.min(begin + scale, cells) - Math.max(begin, 0)) / scale;
  });

/** The part of the picture that a window shows, half-open, in fine cells. */
export interface Reach {
  readonly y0: number;
  readonly x0: number;
  readonly y1: number;
  readonly x1: number;
}

export function reachOf(model: PromptModel, { top, left, scale }: Window, size: Size): Reach {
  const side = model.window_cells * scale;
  return {
    y0: Math.max(0, top * scale),
    x0: Math.max(0, left * scale),
    y1: Math.min(top * scale + side, cellsOf(model, size.height)),
    x1: Math.min(left * scale + side, cellsOf(model, size.width)),
  };
}
