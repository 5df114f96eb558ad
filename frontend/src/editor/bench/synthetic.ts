/** A made-up slide of cells, of any size, without a server: for measuring and looking. One block is made and repeated. */
import { decodeFrame } from "@/editor";
import type { CellRecord, Frame, FrameTile, LabelDocument, PixelRequest, PyramidLevel } from "@/editor";
import { encodeFrameWith } from "../core/frame-wire";
import { NO_FACTS } from "../core/edit";
import { TILE_PX } from "../core/geometry";
import { contentOfPlanes } from "../core/tile-content";

export interface SyntheticOptions {
  readonly edge_px: number;
  readonly channels: number;
  readonly frames: number;
  /** Distance between cells, px. */
  readonly spacing_px: number;
  readonly delay_ms: number;
}

const PIXEL_TILE = 512;
const BLOCK_PX = 1024;

/** Repeatable noise in [0, 1). */
const noise = (n: number): number => {
  const h = Math.imul(n ^ (n >>> 16), 0x45d9f3b);
  return (Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) >>> 0) / 2 ** 32;
};

interface Block {
  readonly labels: Uint32Array;
  readonly channels: readonly Uint16Array[];
  readonly cells: number;
}

function makeBlock({ channels, spacing_px }: SyntheticOptions): Block {
  const across = Math.floor(BLOCK_PX / spacing_px);
  const labels = new Uint32Array(BLOCK_PX * BLOCK_PX);
  const grey = Array.from({ length: channels }, (_, c) => new Uint16Array(BLOCK_PX * BLOCK_PX).map((_, i) => 300 + 200 * noise(i * 3 + c)));
  for (let cell = 1; cell <= across * across; cell++) drawCell(cell, across, spacing_px, labels, grey);
  return { labels, channels: grey, cells: across * across };
}

function drawCell(cell: number, across: number, spacing: number, labels: Uint32Array, grey: readonly Uint16Array[]): void {
  const jitter = (k: number): number => 0.5 + (noise(cell * 7 + k) - 0.5) * 0.45;
  const [cx, cy] = [((cell - 1) % across) + jitter(1), Math.floor((cell - 1) / across) + jitter(2)].map((n) => n * spacing);
  const [radius, squash, lean] = [spacing * (0.32 + 0.14 * noise(cell * 7 + 3)), 0.78 + 0.44 * noise(cell * 7 + 4), noise(cell) * 3];
  const reach = radius * 1.7;
  for (let y = Math.max(0, Math.floor(cy - reach)); y < Math.min(BLOCK_PX, cy + reach); y++) {
    for (let x = Math.max(0, Math.floor(cx - reach)); x < Math.min(BLOCK_PX, cx + reach); x++) {
      const [u, v] = [(x + 0.5 - cx) * Math.cos(lean) + (y + 0.5 - cy) * Math.sin(lean), (y + 0.5 - cy) * Math.cos(lean) - (x + 0.5 - cx) * Math.sin(lean)];
      const depth = 1 - Math.hypot(u * squash, v / squash) / (radius * (1 + 0.07 * Math.sin(3 * Math.atan2(v, u) + cell)));
      const i = y * BLOCK_PX + x;
      if (depth > 0 && labels[i] === 0) labels[i] = cell;
      grey.forEach((plane, c) => (plane[i] += stain(depth, c) * (2200 + 3800 * noise(cell * 11 + c)) * (0.75 + 0.5 * noise(i + c))));
    }
  }
}

const stain = (depth: number, c: number): number =>
  c % 2 === 1 ? Math.exp(-((depth - 0.06) ** 2) / 0.006) : 1 / (1 + Math.exp(-(depth - 0.25) * 16));

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Frames differ by a shift. */
const place = (n: number, t: number): number => (n + t * 3) % BLOCK_PX;

function pixelTile(block: Block, edge_px: number, { level, t, c, ty, tx }: PixelRequest): Uint16Array {
  const scale = 2 ** level;
  const size = Math.ceil(edge_px / scale);
  const [height, width] = [Math.min(PIXEL_TILE, size - ty * PIXEL_TILE), Math.min(PIXEL_TILE, size - tx * PIXEL_TILE)];
  const data = new Uint16Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = place((ty * PIXEL_TILE + y) * scale, t) * BLOCK_PX;
    for (let x = 0; x < width; x++) data[y * width + x] = block.channels[c][row + place((tx * PIXEL_TILE + x) * scale, t)];
  }
  return data;
}

function labelTile(block: Block, edge_px: number, t: number, ty: number, tx: number): FrameTile {
  const plane = new Uint32Array(TILE_PX * TILE_PX);
  const blocks = Math.ceil(edge_px / BLOCK_PX) + 1;
  for (let i = 0; i < plane.length; i++) {
    const [y, x] = [ty * TILE_PX + (i >> 8), tx * TILE_PX + (i & 255)];
    if (y >= edge_px || x >= edge_px) continue;
    const cell = block.labels[place(y, t) * BLOCK_PX + place(x, t)];
    const [by, bx] = [Math.floor((y + t * 3) / BLOCK_PX), Math.floor((x + t * 3) / BLOCK_PX)];
    if (cell !== 0) plane[i] = (by * blocks + bx) * block.cells + cell;
  }
  return { ty, tx, revision: 1, content: contentOfPlanes([plane]) };
}

const CLASSES = [
  { id: "5f0c6f0e-3a6b-4c57-9f3c-0c9e3f1f7a11", name: "mitotic", color: "#ff86c8" },
  { id: "5f0c6f0e-3a6b-4c57-9f3c-0c9e3f1f7a12", name: "resting", color: "#5ec8ff" },
];

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Labels travel as they do from a server: as a message that the editor's worker decodes. */
export async function syntheticDocument(o: SyntheticOptions): Promise<LabelDocument> {
  const block = makeBlock(o);
  const top = (Math.ceil(o.edge_px / BLOCK_PX) + 1) ** 2 * block.cells;
  const frames: ArrayBuffer[] = [];
  for (let t = 0; t < Math.min(o.frames, 3); t++) frames.push(await encodeFrameWith(frameOf(block, o.edge_px, t), deflate));
  let next = top + 1;
  return {
    id: `synthetic ${o.edge_px}`,
    size: { t: o.frames, c: o.channels, z: 1, y: o.edge_px, x: o.edge_px },
    pixelType: "uint16",
    channels: Array.from({ length: o.channels }, (_, c) => ({ name: ["nuclei", "membrane", "marker"][c % 3], color: null, window: [250, 7000] as const })),
    pyramid: pyramidOf(o.edge_px),
    pixelTilePx: PIXEL_TILE,
    pixels: { readTile: async (request) => (await later(o.delay_ms), pixelTile(block, o.edge_px, request)) },
    labels: { readFrame: async ({ t }) => (await later(o.delay_ms), decodeFrame(frames[t % frames.length])) },
    cells: { readCells: () => Promise.resolve(recordsOf(top)) },
    classes: CLASSES,
    reserveIds: (count) => Promise.resolve({ first: (next += count) - count, count }),
  };
}

function pyramidOf(edge_px: number): PyramidLevel[] {
  const levels: PyramidLevel[] = [];
  for (let scale = 1; levels.length === 0 || edge_px / scale >= PIXEL_TILE; scale *= 2) {
    levels.push({ scale, height_px: Math.ceil(edge_px / scale), width_px: Math.ceil(edge_px / scale) });
  }
  return levels;
}

function frameOf(block: Block, edge_px: number, t: number): Frame {
  const tiles: FrameTile[] = [];
  for (let ty = 0; ty * TILE_PX < edge_px; ty++) {
    for (let tx = 0; tx * TILE_PX < edge_px; tx++) tiles.push(labelTile(block, edge_px, t, ty, tx));
  }
  return { head: 1, tiles };
}

const recordsOf = (count: number): CellRecord[] =>
  Array.from({ length: count }, (_, i) => ({ cell: i + 1, facts: { ...NO_FACTS, class: i % 3 === 2 ? null : CLASSES[i % 3].id, quality: noise(i) } }));
