/** The parts of an answer that are kept: those with a click on the cell, or the largest, without holes. Four neighbours. */
import { distanceInside } from "../craft/distance";
import { watershed } from "../craft/watershed";

/** Depth is told in so many steps a pixel. */
const STEPS_A_PX = 16;

export interface Mask {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

export function keptParts({ height, width, data }: Mask, clicks: readonly { readonly y: number; readonly x: number }[]): Uint8Array {
  const { parts, areas } = partsOf(data, width, 1);
  const inside = clicks.filter(({ y, x }) => y >= 0 && x >= 0 && y < height && x < width);
  const wanted = new Set(inside.map(({ y, x }) => parts[y * width + x]).filter((part) => part > 0));
  if (wanted.size === 0 && areas.length > 1) wanted.add(largest(areas));
  return withoutHoles(data.map((_, i) => Number(wanted.has(parts[i]))), height, width);
}

/**
 * What belongs to the clicks on the cell where one beside it still lies in the mask: the shape is divided at its waists, by a
 * watershed of the distance to the outline from all clicks. One that only just leaves the outline takes a few pixels there.
 */
export function withoutBeside({ height, width, data }: Mask, clicks: readonly { readonly y: number; readonly x: number; readonly sign: 1 | -1 }[]): Uint8Array {
  const markers = new Int32Array(data.length);
  for (const { y, x, sign } of clicks) {
    const i = y * width + x;
    if (y >= 0 && x >= 0 && y < height && x < width && data[i] !== 0) markers[i] = sign > 0 ? 1 : 2;
  }
  if (!markers.includes(1) || !markers.includes(2) || !data.includes(0)) return data;
  const heights = Int32Array.from(distanceInside(data, width), (depth) => -Math.floor(STEPS_A_PX * depth + 0.5));
  const { labels } = watershed(heights, markers, data, width);
  return data.map((_, i) => Number(labels[i] === 1));
}

const largest = (areas: readonly number[]): number => areas.reduce((best, area, part) => (part > 0 && (best === 0 || area > areas[best]) ? part : best), 0);

/** Number of each pixel's part from 1, 0 elsewhere, in order of their first pixels; areas by that number. */
function partsOf(data: Uint8Array, width: number, value: number): { parts: Int32Array; areas: number[] } {
  const parts = new Int32Array(data.length);
  const areas = [0];
  const stack: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (data[start] !== value || parts[start] !== 0) continue;
    const part = areas.push(0) - 1;
    parts[start] = part;
    stack.push(start);
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      areas[part]++;
      for (const next of neighboursOf(i, width, data.length)) {
        if (data[next] !== value || parts[next] !== 0) continue;
        parts[next] = part;
        stack.push(next);
      }
    }
  }
  return { parts, areas };
}

function neighboursOf(i: number, width: number, length: number): number[] {
  const x = i % width;
  const found: number[] = [];
  if (i >= width) found.push(i - width);
  if (i + width < length) found.push(i + width);
  if (x > 0) found.push(i - 1);
  if (x + 1 < width) found.push(i + 1);
  return found;
}

function withoutHoles(data: Uint8Array, height: number, width: number): Uint8Array {
  const { parts } = partsOf(data, width, 0);
  const open = new Set<number>();
  for (let x = 0; x < width; x++) open.add(parts[x]).add(parts[(height - 1) * width + x]);
  for (let y = 0; y < height; y++) open.add(parts[y * width]).add(parts[y * width + width - 1]);
  return data.map((value, i) => (value !== 0 || !open.has(parts[i]) ? 1 : 0));
}
