/**
 * From clicks to a mask: which window of the embedding is asked, when a wider one is, and what is kept. The twin of
 * training/engine/prompting/answering.py, held to it by fixtures. Places are in px of the picture, pixel middles at .5.
 */
import type { PromptModel } from "./contract";
import type { FrameEmbedding } from "./embedding";
import { keptParts, withoutBeside } from "./mask-parts";
import { cellPx, insideOf, scaleFor, takeWindow, windowAround } from "./windows";
import type { Size, Window } from "./windows";

export interface Click {
  readonly y: number;
  readonly x: number;
  /** 1: the cell. −1: not the cell. */
  readonly sign: 1 | -1;
}

export interface PromptBox {
  readonly y0: number;
  readonly x0: number;
  readonly y1: number;
  readonly x1: number;
}

export interface Prompt {
  readonly clicks: readonly Click[];
  readonly box: PromptBox | null;
}

/** What the decoder reads, in cells of the window. */
export interface Question {
  readonly embedding: Float32Array;
  readonly inside: Float32Array;
  readonly points: Float32Array;
  readonly box: Float32Array;
  readonly before: Float32Array;
}

export type Decode = (question: Question) => Promise<{ readonly logits: Float32Array; readonly quality: number }>;

/** `logits` at twice the window's resolution. */
export interface Answer {
  readonly window: Window;
  readonly logits: Float32Array;
  readonly quality: number;
}

export interface PlacedMask {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** A kept window must have this much room around everything that is asked about, in cells. */
const MARGIN_CELLS = 3;

/** The embedding of a window is not here yet. */
export class Missing extends Error {
  constructor(
    readonly window: Window,
    readonly frame: FrameEmbedding,
  ) {
    super("A part of the embedding is not here yet.");
  }
}

/** What an answer is made with. */
export interface AnswerDesk {
  readonly model: PromptModel;
  readonly frame: FrameEmbedding;
  readonly decode: Decode;
  /** Throws Missing where the embedding is not here. */
  readonly need: (window: Window) => void;
}

/** `before` answers the same prompt without its last click; `scale` is where the first click of a cell starts. */
export async function answer(desk: AnswerDesk, prompt: Prompt, before: Answer | null, scale = 1): Promise<Answer> {
  const { model, frame } = desk;
  let window = chooseWindow(model, frame.size, prompt, before, scale);
  for (;;) {
    desk.need(window);
    const { logits, quality } = await desk.decode(layOut(desk, prompt, before, window));
    const found = { window, logits, quality };
    const next = wider(model, frame.size, found, prompt);
    if (!next) return found;
    window = next;
  }
}

/**
 * The mean of an answer and of what the net says of the same question in the mirror, having seen the answer: one more
 * decoding, worth one point of IoU on held-out images.
 */
export async function lookTwice(desk: AnswerDesk, prompt: Prompt, found: Answer): Promise<Answer> {
  const cells = desk.model.window_cells;
  const { embedding, inside, points, box, before } = layOut(desk, prompt, found, found.window);
  const turned: Question = {
    embedding: mirrored(embedding, cells),
    inside: mirrored(inside, cells),
    points: points.map((value, i) => (i % 3 === 1 ? cells - value : value)),
    box: Float32Array.of(box[0], cells - box[3], box[2], cells - box[1], box[4]),
    before: mirrored(before, 2 * cells),
  };
  const second = await desk.decode(turned);
  const logits = mirrored(second.logits, 2 * cells).map((value, i) => (value + found.logits[i]) / 2);
  return { window: found.window, logits, quality: (found.quality + second.quality) / 2 };
}

/** Every row from right to left. */
function mirrored(values: Float32Array, width: number): Float32Array {
  const into = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += width) for (let x = 0; x < width; x++) into[row + x] = values[row + width - 1 - x];
  return into;
}

/** The mask in px of the picture. */
export function placeMask(model: PromptModel, size: Size, { window, logits }: Answer, prompt: Prompt): PlacedMask {
  const [top, left] = [window.top * cellPx(model, window), window.left * cellPx(model, window)];
  const side = 2 * model.window_cells * window.scale;
  const [y0, x0] = [Math.max(0, -top), Math.max(0, -left)];
  const [y1, x1] = [Math.min(side, size.height - top), Math.min(side, size.width - left)];
  const [height, width] = [Math.max(0, y1 - y0), Math.max(0, x1 - x0)];
  const whole = enlarge(logits, 2 * model.window_cells, window.scale);
  const data = Uint8Array.from({ length: height * width }, (_, i) => Number(whole[(y0 + Math.floor(i / width)) * side + x0 + (i % width)] > 0));
  const at = { top: top + y0, left: left + x0 };
  const clicks = prompt.clicks.map((c) => ({ y: Math.trunc(c.y) - at.top, x: Math.trunc(c.x) - at.left, sign: c.sign }));
  const kept = keptParts({ height, width, data }, clicks.filter((c) => c.sign > 0));
  return { ...at, height, width, data: withoutBeside({ height, width, data: kept }, clicks) };
}

/** Bilinear enlargement of a square, pixel middles kept, borders repeated. */
export function enlarge(values: Float32Array, side: number, times: number): Float32Array {
  if (times === 1) return values;
  const steps = Array.from({ length: side * times }, (_, i) => {
    const at = (i + 0.5) / times - 0.5;
    const low = Math.min(Math.max(Math.floor(at), 0), side - 1);
    return { low, high: Math.min(low + 1, side - 1), share: Math.min(Math.max(at - low, 0), 1) };
  });
  const into = new Float32Array((side * times) ** 2);
  const row = new Float32Array(side);
  steps.forEach((y, i) => {
    for (let x = 0; x < side; x++) row[x] = values[y.low * side + x] * (1 - y.share) + values[y.high * side + x] * y.share;
    steps.forEach((x, j) => (into[i * side * times + j] = row[x.low] * (1 - x.share) + row[x.high] * x.share));
  });
  return into;
}

// ---------------------------------------------------------------- windows

/** What must fit into the window: the box, the clicks, and the mask so far. */
function boundsOf(model: PromptModel, size: Size, { clicks, box }: Prompt, before: Answer | null): PromptBox {
  const ys = clicks.map((c) => c.y);
  const xs = clicks.map((c) => c.x);
  if (box) ys.push(box.y0, box.y1);
  if (box) xs.push(box.x0, box.x1);
  const mask = before && extentOf(placeMask(model, size, before, { clicks, box }));
  if (mask) ys.push(mask.y0, mask.y1);
  if (mask) xs.push(mask.x0, mask.x1);
  return { y0: Math.min(...ys), x0: Math.min(...xs), y1: Math.max(...ys), x1: Math.max(...xs) };
}

/** Half-open; null for an empty mask. */
export function extentOf({ top, left, width, data }: PlacedMask): PromptBox | null {
  let [y0, x0, y1, x1] = [Infinity, Infinity, -1, -1];
  data.forEach((value, i) => {
    if (value === 0) return;
    const [y, x] = [Math.floor(i / width), i % width];
    [y0, x0, y1, x1] = [Math.min(y0, y), Math.min(x0, x), Math.max(y1, y + 1), Math.max(x1, x + 1)];
  });
  return y1 < 0 ? null : { y0: top + y0, x0: left + x0, y1: top + y1, x1: left + x1 };
}

function chooseWindow(model: PromptModel, size: Size, prompt: Prompt, before: Answer | null, scale: number): Window {
  const bounds = boundsOf(model, size, prompt, before);
  if (before && fits(model, before.window, bounds)) return before.window;
  const needed = scaleFor(model, Math.max(bounds.y1 - bounds.y0, bounds.x1 - bounds.x0));
  const start = before ? before.window.scale : prompt.box ? 1 : scale;
  return windowAround(model, (bounds.y0 + bounds.y1) / 2, (bounds.x0 + bounds.x1) / 2, Math.max(needed, start));
}

function fits(model: PromptModel, window: Window, { y0, x0, y1, x1 }: PromptBox): boolean {
  const cell = cellPx(model, window);
  const [low, high] = [MARGIN_CELLS, model.window_cells - MARGIN_CELLS];
  return y0 / cell - window.top >= low && x0 / cell - window.left >= low && y1 / cell - window.top <= high && x1 / cell - window.left <= high;
}

/** A window twice as wide around the mask where the mask runs into the window's border, else null. */
function wider(model: PromptModel, size: Size, found: Answer, prompt: Prompt): Window | null {
  const { window } = found;
  const place = model.scales.indexOf(window.scale);
  if (place === model.scales.length - 1) return null;
  const mask = placeMask(model, size, found, prompt);
  const bounds = extentOf(mask);
  if (!bounds || !isCut(model, size, window, mask, bounds)) return null;
  return windowAround(model, (bounds.y0 + bounds.y1) / 2, (bounds.x0 + bounds.x1) / 2, model.scales[place + 1]);
}

function isCut(model: PromptModel, size: Size, window: Window, mask: PlacedMask, bounds: PromptBox): boolean {
  const cell = cellPx(model, window);
  const [top, left, side] = [window.top * cell, window.left * cell, model.window_cells * cell];
  return (
    (top > 0 && bounds.y0 === mask.top) ||
    (left > 0 && bounds.x0 === mask.left) ||
    (top + side < size.height && bounds.y1 === mask.top + mask.height) ||
    (left + side < size.width && bounds.x1 === mask.left + mask.width)
  );
}

// ---------------------------------------------------------------- what the decoder reads

function layOut({ model, frame }: AnswerDesk, { clicks, box }: Prompt, before: Answer | null, window: Window): Question {
  const cell = cellPx(model, window);
  const points = clicks.length > 0 ? clicks.flatMap((c) => [c.y / cell - window.top, c.x / cell - window.left, c.sign]) : [0, 0, 0];
  const sides = box ? [box.y0 / cell - window.top, box.x0 / cell - window.left, box.y1 / cell - window.top, box.x1 / cell - window.left, 1] : [0, 0, 0, 0, 0];
  return {
    embedding: takeWindow(model, frame, window),
    inside: insideOf(model, frame.size, window),
    points: Float32Array.from(points),
    box: Float32Array.from(sides),
    before: resample(model, before, window),
  };
}

/** The earlier logits in the new window, nearest pixel; 0 where the old window did not reach. */
function resample(model: PromptModel, before: Answer | null, window: Window): Float32Array {
  const side = 2 * model.window_cells;
  const into = new Float32Array(side * side);
  if (!before) return into;
  const old = before.window;
  const from = (i: number, now: number, then: number): number =>
    Math.floor(((i + 0.5) * window.scale + now * cellPx(model, window) - then * cellPx(model, old)) / old.scale);
  for (let y = 0; y < side; y++) {
    const row = from(y, window.top, old.top);
    for (let x = 0; x < side && row >= 0 && row < side; x++) {
      const column = from(x, window.left, old.left);
      if (column >= 0 && column < side) into[y * side + x] = before.logits[row * side + column];
    }
  }
  return into;
}
