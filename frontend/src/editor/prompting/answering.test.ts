/** The questions that Python answers as well (tests/pictures/generate_prompting.py): both must say the same. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { areaOf, difference, lineOfRuns, runsOfLine, runsOfMask } from "../core/runs";
import { Missing, answer, placeMask } from "./answering";
import type { Answer, Decode, Prompt } from "./answering";
import type { PromptModel } from "./contract";
import { FrameEmbedding, tileArea } from "./embedding";
import { lookAt, see } from "./looking";
import { keptParts, withoutBeside } from "./mask-parts";
import { cellsOf, reachOf, takeWindow, windowAround } from "./windows";
import type { Size } from "./windows";
import { answerZoomed, enlargePlane, enlargeSize } from "./zooming";
import type { ZoomedAnswer } from "./zooming";

interface Case {
  readonly name: string;
  readonly radius: number;
  readonly clicks: readonly (readonly [number, number, 1 | -1])[];
  readonly box: readonly [number, number, number, number] | null;
  readonly answers: readonly { readonly window: readonly number[]; readonly sum: number; readonly runs: readonly number[] }[];
}

interface LookCase {
  readonly channels: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly inverted: boolean;
  readonly sums: readonly number[];
  readonly corner: readonly number[];
  readonly enlarged: readonly number[];
}

const PICTURES = JSON.parse(readFileSync(`${process.cwd()}/../tests/pictures/prompting.json`, "utf8")) as {
  readonly size: readonly [number, number];
  readonly cases: readonly Case[];
  readonly looks: readonly LookCase[];
  readonly zoomed: readonly (Pick<Case, "name" | "radius" | "clicks"> & { readonly zoom: 1 | 2; readonly answers: readonly { readonly zoom: 1 | 2; readonly runs: readonly number[] }[] })[];
  readonly splits: readonly { readonly clicks: readonly (readonly [number, number, 1 | -1])[]; readonly runs: readonly number[] }[];
};

export const MODEL: PromptModel = {
  name: "a formula", kind: "window", digest: "0", features: 2, channels: 3, stride_px: 2, multiple_px: 8, tile_px: 64, margin_px: 8,
  window_cells: 48, scales: [1, 2, 4, 8], most_points: 32,
  normalisation: { low_percentile: 1, high_percentile: 99.8, invert_above: 0.5, clip_low: -0.25, clip_high: 1.5, sample_px: 2 ** 18 },
};

const [height, width] = PICTURES.size;

function frameOf(zoom: 1 | 2 = 1): FrameEmbedding {
  const size = enlargeSize({ height, width }, zoom);
  const frame = new FrameEmbedding(MODEL, size);
  for (let ty = 0; ty * MODEL.tile_px < size.height; ty++) {
    for (let tx = 0; tx * MODEL.tile_px < size.width; tx++) frame.put({ ty, tx }, bytesOf(size, ty, tx));
  }
  return frame;
}

function bytesOf(size: Size, ty: number, tx: number): Uint8Array {
  const area = tileArea(MODEL, size, { ty, tx });
  const bytes: number[] = [];
  for (let f = 0; f < MODEL.features; f++) {
    for (let y = area.y0 / 2; y < cellsOf(MODEL, area.y1); y++) {
      for (let x = area.x0 / 2; x < cellsOf(MODEL, area.x1); x++) bytes.push((f * 31 + y * 7 + x * 13 + ((y * x) % 17)) % 256);
    }
  }
  return Uint8Array.from(bytes);
}

const decodeWith = (radius: number): Decode => (q) => {
  const side = 96;
  const points = Array.from({ length: q.points.length / 3 }, (_, i) => [...q.points.slice(3 * i, 3 * i + 3)] as [number, number, number]);
  const logits = Float32Array.from({ length: side * side }, (_, i) => {
    const [y, x] = [(Math.floor(i / side) + 0.5) / 2, ((i % side) + 0.5) / 2];
    const away = points.filter((p) => p[2] > 0).map((p) => Math.hypot(y - p[0], x - p[1]));
    let logit = away.length > 0 ? radius - Math.min(...away) : -9;
    const [y0, x0, y1, x1, given] = q.box;
    if (given > 0) logit = Math.max(logit, Math.min(y - y0, y1 - y, x - x0, x1 - x));
    for (const p of points) if (p[2] < 0) logit = Math.min(logit, Math.hypot(y - p[0], x - p[1]) - 2.5);
    const cell = Math.floor(i / side / 2) * 48 + Math.floor((i % side) / 2);
    return q.inside[cell] > 0.4 ? logit + 0.7 * q.embedding[cell] + 0.05 * q.before[i] : -5;
  });
  return Promise.resolve({ logits, quality: 0.5 });
};

const promptOf = (given: Case, turn: number): Prompt => ({
  clicks: given.clicks.slice(0, turn).map(([y, x, sign]) => ({ y, x, sign })),
  box: given.box && { y0: given.box[0], x0: given.box[1], y1: given.box[2], x1: given.box[3] },
});

describe("M14 prompts: Python and the page find the same", () => {
  test.each(PICTURES.cases)("M14 $name: same window, same mask after every click", async (given) => {
    const frame = frameOf();
    let found: Answer | null = null;
    for (const [i, wanted] of given.answers.entries()) {
      const prompt = promptOf(given, given.clicks.length > 0 ? i + 1 : 0);
      found = await answer({ model: MODEL, frame, decode: decodeWith(given.radius), need: () => undefined }, prompt, found);
      const mask = placeMask(MODEL, frame.size, found, prompt);
      const runs = runsOfMask(mask.data, mask.width, mask.top, mask.left);
      expect([found.window.top, found.window.left, found.window.scale]).toEqual(wanted.window);
      expect(found.logits.reduce((sum, value) => sum + value, 0)).toBeCloseTo(wanted.sum, -1);
      const [here, there] = [lineOfRuns(runs), lineOfRuns(wanted.runs)];
      // A pixel on the very border may fall to either side of 0 with another rounding.
      expect(areaOf(runsOfLine(difference(here, there))) + areaOf(runsOfLine(difference(there, here)))).toBeLessThanOrEqual(2);
      expect(areaOf(runs)).toBeGreaterThan(20);
    }
  });

  test.each(PICTURES.looks)("M14 look of channels $channels", ({ channels, ...wanted }) => {
    const values = [0, 1].map((c) => Float32Array.from({ length: 24 * 31 }, (_, i) => greyAt(c, Math.floor(i / 31), i % 31)));
    const plane = { height: 24, width: 31, channels: channels.map((c) => values[c]) };
    const look = lookAt(plane, MODEL.normalisation);
    expect(look.inverted).toBe(wanted.inverted);
    look.low.forEach((low, c) => expect(low).toBeCloseTo(wanted.low[c], 3));
    look.high.forEach((high, c) => expect(high).toBeCloseTo(wanted.high[c], 3));
    const seen = see(plane, look, MODEL.normalisation, 1);
    for (let c = 0; c < 3; c++) {
      const shown = seen.data.subarray(c * 24 * 31, (c + 1) * 24 * 31);
      expect(shown.reduce((sum, value) => sum + value, 0)).toBeCloseTo(wanted.sums[c], 1);
      expect(shown[3 * 31 + 4]).toBeCloseTo(wanted.corner[c], 4);
    }
    const enlarged = enlargePlane(plane, 2);
    wanted.enlarged.forEach((value, i) => expect(enlarged.channels[0][7 * 62 + 8 + i]).toBeCloseTo(value, 2));
  });
});

test.each(PICTURES.zoomed)("M14 small cells are asked in an enlarged picture: $name", async ({ radius, clicks, zoom, answers }) => {
  const frames = { 1: frameOf(1), 2: frameOf(2) };
  let before: ZoomedAnswer | null = null;
  for (const [i, wanted] of answers.entries()) {
    const prompt: Prompt = { clicks: clicks.slice(0, i + 1).map(([y, x, sign]) => ({ y, x, sign })), box: null };
    const { found, mask } = await answerZoomed((at) => ({ model: MODEL, frame: frames[at], decode: decodeWith(radius), need: () => undefined }), prompt, before, zoom);
    before = found;
    expect(found.zoom).toBe(wanted.zoom);
    const [here, there] = [lineOfRuns(runsOfMask(mask.data, mask.width, mask.top, mask.left)), lineOfRuns(wanted.runs)];
    expect(areaOf(runsOfLine(difference(here, there))) + areaOf(runsOfLine(difference(there, here)))).toBeLessThanOrEqual(2);
  }
});

const greyAt = (c: number, y: number, x: number): number => (c === 0 ? (y * 91 + x * 57) % 211 : 900 - ((y * x) % 300));

test("M14 an answer whose embedding is not here says which window it needs", async () => {
  const frame = new FrameEmbedding(MODEL, { height, width });
  const need = (window: Parameters<typeof reachOf>[1]): void => {
    if (frame.tilesOf(reachOf(MODEL, window, frame.size)).some((at) => !frame.has(at))) throw new Missing(window, frame);
  };
  const asked = answer({ model: MODEL, frame, decode: decodeWith(5), need }, { clicks: [{ y: 70, x: 70, sign: 1 }], box: null }, null);
  await expect(asked).rejects.toBeInstanceOf(Missing);
});

test("M14 a window over the borders of tiles and of the picture is as one taken from the whole", () => {
  const frame = frameOf();
  const window = windowAround(MODEL, 10, 130, 2);
  const taken = takeWindow(MODEL, frame, window);
  const at = (f: number, y: number, x: number): number => {
    let sum = 0;
    for (const fy of [2 * y, 2 * y + 1]) {
      for (const fx of [2 * x, 2 * x + 1]) {
        const inside = fy >= 0 && fx >= 0 && fy < cellsOf(MODEL, height) && fx < cellsOf(MODEL, width);
        sum += inside ? ((f * 31 + fy * 7 + fx * 13 + ((fy * fx) % 17)) % 256) / 127.5 - 1 : 0;
      }
    }
    return sum / 4;
  };
  for (const [f, y, x] of [[0, 30, 20], [1, 24, 24], [0, 0, 0], [1, 47, 47], [1, 40, 3]]) {
    expect(taken[(f * 48 + y) * 48 + x]).toBeCloseTo(at(f, y + window.top, x + window.left), 5);
  }
});

test.each(PICTURES.splits)("M14 a click beside the cell does not stay in the mask: $clicks", ({ clicks, runs }) => {
  const [wide, high] = [56, 40];
  const inDisc = (i: number, x: number, r: number): boolean => (Math.floor(i / wide) - 20) ** 2 + ((i % wide) - x) ** 2 < r * r;
  const data = Uint8Array.from({ length: wide * high }, (_, i) => Number(inDisc(i, 18, 11.3) || inDisc(i, 35, 10.2)));
  const kept = withoutBeside({ height: high, width: wide, data }, clicks.map(([y, x, sign]) => ({ y, x, sign })));
  expect(runsOfMask(kept, wide)).toEqual(runs);
});

test("M14 kept are the parts with a click, without holes; without a click the largest", () => {
  const rows = ["1110100", "1010100", "1110100", "0000000"];
  const data = Uint8Array.from(rows.join(""), Number);
  const show = (kept: Uint8Array): string[] => rows.map((_, y) => [...kept.subarray(7 * y, 7 * y + 7)].join(""));
  expect(show(keptParts({ height: 4, width: 7, data }, [{ y: 0, x: 4 }]))).toEqual(["0000100", "0000100", "0000100", "0000000"]);
  expect(show(keptParts({ height: 4, width: 7, data }, []))).toEqual(["1110000", "1110000", "1110000", "0000000"]);
});
