/** A made-up slide of cells, of any size, without a server: for measuring and looking. */
import type { CellRecord, Frame, FrameTile, LabelDocument, PixelRequest, PyramidLevel } from "@/editor";
import { TILE_PX } from "../core/geometry";
import { contentOfLines } from "../core/tile-content";

export interface SyntheticOptions {
  readonly edge_px: number;
  readonly channels: number;
  readonly frames: number;
  /** Distance between cells, px. */
  readonly spacing_px: number;
  readonly delay_ms: number;
}

const EDGE = 512;

const hash = (n: number): number => {
  let h = Math.imul(n ^ (n >>> 16), 0x45d9f3b);
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
};

interface Blob {
  readonly cell: number;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly squash: number;
}

function blobAt(o: SyntheticOptions, row: number, column: number, t: number): Blob {
  const across = Math.floor(o.edge_px / o.spacing_px);
  const cell = row * across + column + 1;
  const jitter = (k: number): number => (hash(cell * 7 + k) - 0.5) * o.spacing_px * 0.4;
  return {
    cell,
    x: (column + 0.5) * o.spacing_px + jitter(1) + Math.sin(t / 3 + cell) * 3,
    y: (row + 0.5) * o.spacing_px + jitter(2) + Math.cos(t / 3 + cell) * 3,
    radius: o.spacing_px * (0.3 + 0.16 * hash(cell * 7 + 3)),
    squash: 0.7 + 0.6 * hash(cell * 7 + 4),
  };
}

const inside = (b: Blob, x: number, y: number): number =>
  1 - Math.hypot((x - b.x) * b.squash, (y - b.y) / b.squash) / (b.radius * (1 + 0.08 * Math.sin(5 * Math.atan2(y - b.y, x - b.x) + b.cell)));

function blobsNear(o: SyntheticOptions, x0: number, y0: number, x1: number, y1: number, t: number): Blob[] {
  const across = Math.floor(o.edge_px / o.spacing_px);
  const blobs: Blob[] = [];
  const clip = (value: number): number => Math.min(across, Math.max(0, value));
  for (let row = clip(Math.floor(y0 / o.spacing_px) - 1); row < clip(Math.ceil(y1 / o.spacing_px) + 1); row++) {
    for (let column = clip(Math.floor(x0 / o.spacing_px) - 1); column < clip(Math.ceil(x1 / o.spacing_px) + 1); column++) {
      blobs.push(blobAt(o, row, column, t));
    }
  }
  return blobs;
}

function labelTile(o: SyntheticOptions, t: number, ty: number, tx: number): FrameTile {
  const lines = new Map<number, number[]>();
  const [top, left] = [ty * TILE_PX, tx * TILE_PX];
  const plane = new Uint32Array(TILE_PX * TILE_PX);
  for (const blob of blobsNear(o, left, top, left + TILE_PX, top + TILE_PX, t)) {
    const reach = blob.radius * 1.6;
    for (let y = Math.max(top, Math.floor(blob.y - reach)); y < Math.min(top + TILE_PX, o.edge_px, blob.y + reach); y++) {
      for (let x = Math.max(left, Math.floor(blob.x - reach)); x < Math.min(left + TILE_PX, o.edge_px, blob.x + reach); x++) {
        if (inside(blob, x + 0.5, y + 0.5) > 0) plane[(y - top) * TILE_PX + x - left] = blob.cell;
      }
    }
  }
  for (let start = 0; start < plane.length; ) {
    let end = start + 1;
    while (end < plane.length && plane[end] === plane[start]) end++;
    if (plane[start] !== 0) lines.set(plane[start], [...(lines.get(plane[start]) ?? []), start, end]);
    start = end;
  }
  return { ty, tx, revision: 1, content: contentOfLines(lines) };
}

function pixelTile(o: SyntheticOptions, { level, t, c, ty, tx }: PixelRequest): Uint16Array {
  const scale = 2 ** level;
  const size = Math.ceil(o.edge_px / scale);
  const [height, width] = [Math.min(EDGE, size - ty * EDGE), Math.min(EDGE, size - tx * EDGE)];
  const data = new Uint16Array(height * width);
  for (let i = 0; i < data.length; i++) data[i] = 300 + 160 * hash(i * 31 + tx * 7 + ty * 13 + c + t * 3);
  const [x0, y0] = [tx * EDGE * scale, ty * EDGE * scale];
  for (const blob of blobsNear(o, x0, y0, x0 + width * scale, y0 + height * scale, t)) stain(data, width, height, blob, c, scale, x0, y0);
  return data;
}

function stain(data: Uint16Array, width: number, height: number, blob: Blob, c: number, scale: number, x0: number, y0: number): void {
  const reach = (blob.radius * 1.7) / scale;
  const [bx, by] = [(blob.x - x0) / scale, (blob.y - y0) / scale];
  const bright = 2500 + 5000 * hash(blob.cell * 11 + c);
  for (let y = Math.max(0, Math.floor(by - reach)); y < Math.min(height, by + reach); y++) {
    for (let x = Math.max(0, Math.floor(bx - reach)); x < Math.min(width, bx + reach); x++) {
      const depth = inside(blob, x0 + (x + 0.5) * scale, y0 + (y + 0.5) * scale);
      const edge = c % 2 === 1 ? Math.exp(-((depth - 0.1) ** 2) / 0.02) : 1 / (1 + Math.exp(-depth * 14));
      data[y * width + x] += bright * edge * (0.8 + 0.4 * hash(x * 7919 + y + c));
    }
  }
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function syntheticDocument(o: SyntheticOptions): LabelDocument {
  const pyramid: PyramidLevel[] = [];
  for (let scale = 1; pyramid.length === 0 || o.edge_px / scale >= EDGE; scale *= 2) {
    pyramid.push({ scale, height_px: Math.ceil(o.edge_px / scale), width_px: Math.ceil(o.edge_px / scale) });
  }
  const across = Math.floor(o.edge_px / o.spacing_px);
  const classes = [{ id: "5f0c6f0e-3a6b-4c57-9f3c-0c9e3f1f7a11", name: "mitotic", color: "#ff86c8" }, { id: "5f0c6f0e-3a6b-4c57-9f3c-0c9e3f1f7a12", name: "resting", color: "#5ec8ff" }];
  let next = across * across + 1;
  return {
    id: `synthetic ${o.edge_px}`,
    size: { t: o.frames, c: o.channels, z: 1, y: o.edge_px, x: o.edge_px },
    pixelType: "uint16",
    channels: Array.from({ length: o.channels }, (_, c) => ({ name: ["nuclei", "membrane", "marker"][c % 3], color: null, window: [250, 7000] as const })),
    pyramid,
    pixelTilePx: EDGE,
    pixels: { readTile: async (request) => (await later(o.delay_ms), pixelTile(o, request)) },
    labels: { readFrame: async ({ t }) => (await later(o.delay_ms), frameOf(o, t)) },
    cells: { readCells: () => Promise.resolve(recordsOf(across * across, classes)) },
    classes,
    reserveIds: (count) => Promise.resolve({ first: (next += count) - count, count }),
  };
}

function frameOf(o: SyntheticOptions, t: number): Frame {
  const tiles: FrameTile[] = [];
  for (let ty = 0; ty * TILE_PX < o.edge_px; ty++) {
    for (let tx = 0; tx * TILE_PX < o.edge_px; tx++) tiles.push(labelTile(o, t, ty, tx));
  }
  return { head: 1, tiles };
}

const recordsOf = (count: number, classes: readonly { id: string }[]): CellRecord[] =>
  Array.from({ length: count }, (_, i) => ({ cell: i + 1, facts: { class: i % 3 === 2 ? null : classes[i % 3].id, mother: null, quality: hash(i) } }));
