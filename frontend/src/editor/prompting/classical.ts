/**
 * Click-to-segment without a net, where a browser has no WebAssembly or the host no model: a flood from the click
 * whose tolerance is the one at which the region's border lies on the strongest edges, among those that take in the clicks on
 * the cell and leave out the clicks beside it; a box bars everything outside.
 */
import type { Desk } from "../commands/desk";
import { runsOfMask } from "../core/runs";
import { gaussian } from "../craft/gaussian";
import { rangeOf } from "../craft/grey";
import type { Grey } from "../craft/grey";
import { ToleranceFlood } from "../craft/tolerance-flood";
import type { Click, Prompt } from "./answering";
import { keptParts } from "./mask-parts";
import type { Segmented } from "./prompting";

const REACH_PX = 96;
const SMOOTHING_PX = 1.5;
const STEPS = 32;
/** A region that is larger than this share of what was looked at has run out. */
const MOST_SHARE = 0.5;

export async function answerClassically(desk: Desk, prompt: Prompt, channel: number): Promise<Segmented> {
  const { rect, channels } = await desk.readCrop(areaOf(prompt), [channel]);
  const [height, width] = [rect.y1 - rect.y0, rect.x1 - rect.x0];
  const local = (click: Click): Click => ({ ...click, y: Math.floor(click.y) - rect.y0, x: Math.floor(click.x) - rect.x0 });
  const box = prompt.box && { y0: prompt.box.y0 - rect.y0, x0: prompt.box.x0 - rect.x0, y1: prompt.box.y1 - rect.y0, x1: prompt.box.x1 - rect.x0 };
  const clicks = prompt.clicks.map(local);
  if (clicks.length === 0 && box) clicks.push({ y: Math.floor((box.y0 + box.y1) / 2), x: Math.floor((box.x0 + box.x1) / 2), sign: 1 });
  const mask = floodFrom(gaussian({ data: channels[0], height, width }, SMOOTHING_PX), clicks, box);
  return { runs: runsOfMask(mask, width, rect.y0, rect.x0), quality: undefined };
}

function areaOf({ clicks, box }: Prompt): { y0: number; x0: number; y1: number; x1: number } {
  const ys = [...clicks.map((c) => c.y), ...(box ? [box.y0, box.y1] : [])];
  const xs = [...clicks.map((c) => c.x), ...(box ? [box.x0, box.x1] : [])];
  const reach = box ? 4 : REACH_PX;
  return { y0: Math.min(...ys) - reach, x0: Math.min(...xs) - reach, y1: Math.max(...ys) + reach, x1: Math.max(...xs) + reach };
}

/** 1 where the region is; clicks and box in px of the crop. */
export function floodFrom(grey: Grey, clicks: readonly Click[], box: Prompt["box"]): Uint8Array {
  const { height, width } = grey;
  const at = ({ y, x }: Click): number => Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1);
  const ours = clicks.filter((click) => click.sign > 0);
  const theirs = clicks.filter((click) => click.sign < 0);
  const barred = Uint8Array.from({ length: height * width }, (_, i) => Number(box !== null && !isIn(box, Math.floor(i / width), i % width)));
  const flood = new ToleranceFlood(grey, at(ours[0]), barred);
  const [low, high] = rangeOf(grey.data);
  let best = { mask: flood.mask(0), score: -Infinity };
  for (let step = 0; step <= STEPS; step++) {
    const mask = flood.mask(((high - low) * step) / STEPS);
    if (theirs.some((click) => mask[at(click)] !== 0)) break;
    const score = 3 * ours.filter((click) => mask[at(click)] !== 0).length + steepnessOf(grey, mask) / (high - low + 1e-6);
    if (score > best.score) best = { mask, score };
  }
  return keptParts({ height, width, data: best.mask }, ours);
}

const isIn = (box: NonNullable<Prompt["box"]>, y: number, x: number): boolean => y >= box.y0 && y < box.y1 && x >= box.x0 && x < box.x1;

/** Mean step of the grey value over the region's border; -1 for a region that has run out. */
function steepnessOf({ data, width }: Grey, mask: Uint8Array): number {
  let [sum, count, area] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    if (mask[i] === 0) continue;
    area++;
    for (const next of [i + 1, i - 1, i + width, i - width]) {
      if (next < 0 || next >= data.length || mask[next] !== 0) continue;
      sum += Math.abs(data[next] - data[i]);
      count++;
    }
  }
  return area > MOST_SHARE * data.length || count === 0 ? -1 : sum / count;
}
