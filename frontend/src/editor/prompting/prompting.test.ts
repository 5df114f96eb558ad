/** What click-to-segment asks of whom: the model once, the embedding from the server or made here, a larger model first. */
import { describe, expect, test, vi } from "vitest";
import type { Desk } from "../commands/desk";
import type { LabelDocument, PromptProvider } from "../host";
import { areaOf } from "../core/runs";
import type { PromptClient } from "../workers/prompt-client";
import { floodFrom } from "./classical";
import type { PromptModel } from "./contract";
import type { PromptAskOf, PromptKind } from "./orders";
import { PromptBench } from "./prompt-bench";
import type { Nets } from "./prompt-bench";
import { Prompting } from "./prompting";

const MODEL: PromptModel = {
  name: "discs", kind: "window", digest: "d", features: 1, channels: 3, stride_px: 2, multiple_px: 8, tile_px: 64, margin_px: 8,
  window_cells: 48, scales: [1, 2, 4, 8], most_points: 32,
  normalisation: { low_percentile: 1, high_percentile: 99.8, invert_above: 0.5, clip_low: -0.25, clip_high: 1.5, sample_px: 2 ** 18 },
};
const SIDE = 128;
const PROMPT = { clicks: [{ y: 60.5, x: 60.5, sign: 1 as const }], box: null };

/** A bright disc of 20 px around (60, 60). */
const disc = (y: number, x: number): number => (Math.hypot(y - 60, x - 60) < 20 ? 200 : 10);

/** The "embedding" is the picture itself, and bright cells of it are the mask. */
const NETS: Nets = {
  encode: (picture, height, width) =>
    Promise.resolve(Float32Array.from({ length: (height / 2) * (width / 2) }, (_, i) => picture[Math.floor(i / (width / 2)) * 2 * width + (i % (width / 2)) * 2] > 0.5 ? 1 : -1)),
  decode: ({ embedding }) =>
    Promise.resolve({ logits: Float32Array.from({ length: 96 * 96 }, (_, i) => embedding[Math.floor(i / 96 / 2) * 48 + Math.floor((i % 96) / 2)]), quality: 0.8 }),
};

function world(provider: Partial<PromptProvider> = {}) {
  const bench = new PromptBench(() => Promise.resolve(NETS), () => 0);
  const orders: PromptKind[] = [];
  const client: PromptClient = {
    ask: (kind, ask) => {
      orders.push(kind);
      return bench.answer(kind, ask);
    },
  };
  const prompts: PromptProvider = {
    load: vi.fn(() => Promise.resolve({ model: MODEL, encoder: new ArrayBuffer(0), decoder: new ArrayBuffer(0), runtime: new ArrayBuffer(0) })),
    readTile: vi.fn(() => Promise.reject(new Error("no network"))),
    ...provider,
  };
  const document = {
    id: "image", size: { t: 1, c: 1, z: 1, y: SIDE, x: SIDE }, pixelType: "uint8", channels: [{ name: "n", color: null, window: null }],
    pyramid: [{ scale: 1, height_px: SIDE, width_px: SIDE }], pixelTilePx: 64, prompts,
    pixels: { readTile: ({ ty, tx }: { ty: number; tx: number }) => Promise.resolve(Uint8Array.from({ length: 64 * 64 }, (_, i) => disc(ty * 64 + Math.floor(i / 64), tx * 64 + (i % 64)))) },
  } as unknown as LabelDocument;
  const desk = {
    document,
    outlook: { t: 0, z: 0, channels: [{ visible: true }] },
    readCrop: (rect: { y0: number; x0: number; y1: number; x1: number }) => {
      const cut = { y0: Math.max(0, rect.y0), x0: Math.max(0, rect.x0), y1: Math.min(SIDE, rect.y1), x1: Math.min(SIDE, rect.x1) };
      const wide = cut.x1 - cut.x0;
      return Promise.resolve({ rect: cut, channels: [Float32Array.from({ length: (cut.y1 - cut.y0) * wide }, (_, i) => disc(cut.y0 + Math.floor(i / wide), cut.x0 + (i % wide)))] });
    },
  } as unknown as Desk;
  return { desk, orders, prompts, room: (hasWasm = true) => new Prompting(document, { client, now: () => 0, hasWasm }) };
}

const DISC_PX = Math.PI * 20 ** 2;

describe("where the answer comes from", () => {
  test("M15 network off after load: the embedding is made in the browser, once a part, the model read once", async () => {
    const { desk, orders, prompts, room } = world();
    const here = room();
    const said: string[] = [];
    const found = await here.answer(desk, { key: 1, prompt: PROMPT }, (sentence) => said.push(sentence));
    expect(Math.abs(areaOf(found.runs) - DISC_PX)).toBeLessThan(0.06 * DISC_PX);
    expect(said.at(-1)).toMatch(/part \d of \d/);
    const made = orders.filter((kind) => kind === "encode").length;
    expect(made).toBe(4);
    await here.answer(desk, { key: 2, prompt: PROMPT }, () => undefined);
    expect(orders.filter((kind) => kind === "encode")).toHaveLength(made);
    expect(prompts.load).toHaveBeenCalledTimes(1);
    // A server that did not answer is left alone for a while.
    expect(prompts.readTile).toHaveBeenCalledTimes(1);
  });

  test("M15 a server that has the embedding is used, and nothing is made here", async () => {
    const bytes = (ty: number, tx: number): Uint8Array => Uint8Array.from({ length: 32 * 32 }, (_, i) => (disc(ty * 64 + 2 * Math.floor(i / 32), tx * 64 + 2 * (i % 32)) > 100 ? 255 : 0));
    const { desk, orders, room } = world({ readTile: ({ ty, tx }) => Promise.resolve(bytes(ty, tx)) });
    const found = await room().answer(desk, { key: 1, prompt: PROMPT }, () => undefined);
    expect(Math.abs(areaOf(found.runs) - DISC_PX)).toBeLessThan(0.06 * DISC_PX);
    expect(orders).not.toContain("encode");
  });

  test("M15 a larger model on the server answers first; where it does not, the page does", async () => {
    const { desk, orders, room } = world({ answer: () => Promise.resolve({ runs: [1, 2, 3], quality: 0.99 }) });
    expect(await room().answer(desk, { key: 1, prompt: PROMPT }, () => undefined)).toEqual({ runs: [1, 2, 3], quality: 0.99 });
    expect(orders).toHaveLength(0);
    const silent = world({ answer: () => Promise.resolve(null) });
    expect((await silent.room().answer(silent.desk, { key: 1, prompt: PROMPT }, () => undefined)).quality).toBe(0.8);
  });

  test("M15 without WebAssembly a flood from the click answers", async () => {
    const { desk, orders, room } = world();
    const found = await room(false).answer(desk, { key: 1, prompt: PROMPT }, () => undefined);
    expect(Math.abs(areaOf(found.runs) - DISC_PX)).toBeLessThan(0.15 * DISC_PX);
    expect(orders).toHaveLength(0);
  });

  test("M14 a model that could not be read is read again at the next click", async () => {
    const { desk, prompts, room } = world();
    vi.mocked(prompts.load).mockRejectedValueOnce(new Error("The server cannot be reached."));
    const here = room();
    await expect(here.answer(desk, { key: 1, prompt: PROMPT }, () => undefined)).rejects.toThrow("cannot be reached");
    await here.answer(desk, { key: 1, prompt: PROMPT }, () => undefined);
    expect(prompts.load).toHaveBeenCalledTimes(2);
  });
});

test("M15 the flood: a click beside the cell keeps the region away, a box bars what is outside", () => {
  const grey = { height: 20, width: 40, data: Float32Array.from({ length: 800 }, (_, i) => (Math.abs((i % 40) - 10) < 6 ? 100 : Math.abs((i % 40) - 26) < 6 ? 80 : 0)) };
  const both = floodFrom(grey, [{ y: 10, x: 10, sign: 1 }, { y: 10, x: 26, sign: 1 }], null);
  expect(both[10 * 40 + 26]).toBe(1);
  const one = floodFrom(grey, [{ y: 10, x: 10, sign: 1 }, { y: 10, x: 26, sign: -1 }], null);
  expect([one[10 * 40 + 10], one[10 * 40 + 26]]).toEqual([1, 0]);
  const boxed = floodFrom(grey, [{ y: 10, x: 10, sign: 1 }], { y0: 5, x0: 2, y1: 15, x1: 20 });
  expect([boxed[10 * 40 + 10], boxed[4 * 40 + 10]]).toEqual([1, 0]);
});

test("M14 the bench remembers the answer before the last click, per proposal, and only that", async () => {
  const seen: Float32Array[] = [];
  const nets: Nets = { ...NETS, decode: (question) => (seen.push(question.before), Promise.resolve({ logits: new Float32Array(96 * 96).fill(3), quality: 1 })) };
  const bench = new PromptBench(() => Promise.resolve(nets), () => 0);
  await bench.answer("load", { model: { ...MODEL, scales: [1] }, encoder: new ArrayBuffer(0), decoder: new ArrayBuffer(0), runtime: new ArrayBuffer(0) });
  await bench.answer("open", { frame: "f", size: { height: 64, width: 64 } });
  await bench.answer("keep", { frame: "f", zoom: 1, at: { ty: 0, tx: 0 }, bytes: new Uint8Array(32 * 32) });
  const ask = (key: number, count: number): PromptAskOf<"answer"> => ({ frame: "f", key, zoom: 1, prompt: { clicks: Array.from({ length: count }, (_, i) => ({ y: 30, x: 30 + i, sign: 1 as const })), box: null } });
  await bench.answer("answer", ask(1, 1));
  await bench.answer("answer", ask(1, 2));
  await bench.answer("answer", ask(2, 1));
  await bench.answer("answer", ask(1, 1));
  // Every second decoding is the look in the mirror, which sees the answer itself.
  expect(seen.filter((_, i) => i % 2 === 0).map((before) => before[0])).toEqual([0, 3, 0, 0]);
});
