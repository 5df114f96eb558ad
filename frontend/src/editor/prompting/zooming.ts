/**
 * Small cells are asked about in a picture enlarged twice, which has an embedding of its own: the twin of
 * training/engine/prompting/zooming.py. What a first click finds decides which picture is asked.
 */
import { answer, extentOf, lookTwice, placeMask } from "./answering";
import type { Answer, AnswerDesk, PlacedMask, Prompt } from "./answering";
import type { Plane } from "./looking";
import type { Size } from "./windows";

export type Zoom = 1 | 2;

/** Up to this extent a cell is asked in the enlarged picture; beyond the other in the plain one. Image px. */
const SMALL_PX = 36;
const LARGE_PX = 54;

export interface ZoomedAnswer {
  readonly zoom: Zoom;
  /** In px of the enlarged picture. */
  readonly answer: Answer;
}

/** `deskAt` has the embedding of the picture at a zoom; `zoom` is where the first click of a cell starts. */
export async function answerZoomed(deskAt: (zoom: Zoom) => AnswerDesk, prompt: Prompt, before: ZoomedAnswer | null, zoom: Zoom): Promise<{ readonly found: ZoomedAnswer; readonly mask: PlacedMask }> {
  const ask = async (at: Zoom, earlier: Answer | null): Promise<ZoomedAnswer> => ({ zoom: at, answer: await answer(deskAt(at), enlargePrompt(prompt, at), earlier) });
  const maskOf = ({ zoom: at, answer: found }: ZoomedAnswer): PlacedMask => {
    const { model, frame } = deskAt(at);
    return shrinkMask(placeMask(model, frame.size, found, enlargePrompt(prompt, at)), at);
  };
  let found = before ? await ask(before.zoom, before.answer) : await ask(zoom, null);
  const bounds = extentOf(maskOf(found));
  const extent_px = bounds ? Math.max(bounds.y1 - bounds.y0, bounds.x1 - bounds.x0) : 0;
  if (found.zoom === 1 && extent_px > 0 && extent_px <= SMALL_PX) found = await ask(2, null);
  else if (found.zoom === 2 && extent_px > LARGE_PX) found = await ask(1, null);
  found = { zoom: found.zoom, answer: await lookTwice(deskAt(found.zoom), enlargePrompt(prompt, found.zoom), found.answer) };
  return { found, mask: maskOf(found) };
}

export const enlargeSize = ({ height, width }: Size, zoom: Zoom): Size => ({ height: height * zoom, width: width * zoom });

export const enlargePrompt = ({ clicks, box }: Prompt, zoom: Zoom): Prompt => ({
  clicks: clicks.map(({ y, x, sign }) => ({ y: y * zoom, x: x * zoom, sign })),
  box: box && { y0: box.y0 * zoom, x0: box.x0 * zoom, y1: box.y1 * zoom, x1: box.x1 * zoom },
});

/** Pixels of the picture of which at least half is in the mask. */
export function shrinkMask(mask: PlacedMask, zoom: Zoom): PlacedMask {
  if (zoom === 1) return mask;
  const [top, left] = [Math.floor(mask.top / zoom), Math.floor(mask.left / zoom)];
  const [height, width] = [Math.ceil((mask.top + mask.height) / zoom) - top, Math.ceil((mask.left + mask.width) / zoom) - left];
  const counts = new Uint8Array(height * width);
  mask.data.forEach((value, i) => {
    if (value === 0) return;
    const [y, x] = [mask.top + Math.floor(i / mask.width), mask.left + (i % mask.width)];
    counts[(Math.floor(y / zoom) - top) * width + Math.floor(x / zoom) - left]++;
  });
  return { top, left, height, width, data: counts.map((count) => Number(2 * count >= zoom ** 2)) };
}

/** Bilinear between pixel middles, borders repeated. */
export function enlargePlane(plane: Plane, zoom: Zoom): Plane {
  if (zoom === 1) return plane;
  const [height, width] = [plane.height * zoom, plane.width * zoom];
  const rows = stepsOf(plane.height, zoom);
  const columns = stepsOf(plane.width, zoom);
  const enlarge = (values: Float32Array): Float32Array => {
    const at = (i: number): number => (Number.isFinite(values[i]) ? values[i] : 0);
    const into = new Float32Array(height * width);
    rows.forEach((y, i) => {
      const [low, high] = [y.low * plane.width, y.high * plane.width];
      columns.forEach((x, j) => {
        const left = at(low + x.low) * (1 - y.share) + at(high + x.low) * y.share;
        const right = at(low + x.high) * (1 - y.share) + at(high + x.high) * y.share;
        into[i * width + j] = left * (1 - x.share) + right * x.share;
      });
    });
    return into;
  };
  return { height, width, channels: plane.channels.map(enlarge) };
}

const stepsOf = (length: number, zoom: Zoom): { readonly low: number; readonly high: number; readonly share: number }[] =>
  Array.from({ length: length * zoom }, (_, i) => {
    const at = (i + 0.5) / zoom - 0.5;
    const low = Math.min(Math.max(Math.floor(at), 0), length - 1);
    return { low, high: Math.min(low + 1, length - 1), share: Math.min(Math.max(at - low, 0), 1) };
  });
