import * as zarr from "zarrita";
import type { ChannelInfo, PixelArray, PixelProvider, PyramidLevel } from "@/editor";
import { readZstd } from "./zstd";

readZstd();

/** What the image's OME-Zarr says about itself, and a way to its tiles. */
export interface Pixels {
  readonly provider: PixelProvider;
  readonly pixelType: "uint8" | "uint16" | "float32";
  readonly tilePx: number;
  readonly pyramid: readonly PyramidLevel[];
  readonly windows: readonly Pick<ChannelInfo, "color" | "window" | "hidden">[];
}

type Level = zarr.Array<zarr.DataType>;

interface OmeAttributes {
  multiscales?: { datasets: { path: string }[] }[];
  omero?: { channels?: { color?: string; active?: boolean; window?: { start: number; end: number } }[] };
}

/** Opens an image of axes t, c, z, y, x. The store is asked for metadata once and then only for chunks. */
export async function openPixels(image: string): Promise<Pixels> {
  const store = new zarr.FetchStore(new URL(`/api/v1/images/${image}/zarr`, location.origin));
  const group = await zarr.open.v3(store, { kind: "group" });
  const attributes = (group.attrs.ome ?? group.attrs) as OmeAttributes;
  const paths = attributes.multiscales?.[0]?.datasets.map((dataset) => dataset.path) ?? [];
  const levels = await Promise.all(paths.map((path) => zarr.open.v3(group.resolve(path), { kind: "array" })));
  const finest = levels[0];
  if (!finest) throw new Error("This image holds no pixels. Import it again.");
  return {
    provider: { readTile: (request, signal) => readTile(levels, request, signal) },
    pixelType: pixelTypeOf(finest.dtype),
    tilePx: finest.chunks[4] ?? 512,
    pyramid: levels.map((level) => levelOf(level, finest)),
    windows: (attributes.omero?.channels ?? []).map(({ color, active, window }) => ({
      color: color ? `#${color.slice(0, 6)}` : null,
      window: window && window.end > window.start ? [window.start, window.end] : null,
      hidden: active === false,
    })),
  };
}

function levelOf(level: Level, finest: Level): PyramidLevel {
  const [height_px = 1, width_px = 1] = level.shape.slice(3);
  const scale = 2 ** Math.round(Math.log2(Math.max((finest.shape[3] ?? 1) / height_px, (finest.shape[4] ?? 1) / width_px)));
  return { height_px, width_px, scale };
}

async function readTile(
  levels: readonly Level[],
  request: { level: number; t: number; c: number; z: number; ty: number; tx: number },
  signal: AbortSignal,
): Promise<PixelArray> {
  const level = levels[request.level];
  if (!level) throw new Error(`The image has no level ${request.level}.`);
  const chunk = await level.getChunk([request.t, request.c, request.z, request.ty, request.tx], { signal });
  return asPixels(chunk.data);
}

function pixelTypeOf(dtype: string): Pixels["pixelType"] {
  if (dtype === "uint8" || dtype === "bool") return "uint8";
  return dtype === "uint16" ? "uint16" : "float32";
}

/** Kinds of number that a texture does not take are shown as 32-bit float; the file keeps its own. */
function asPixels(data: unknown): PixelArray {
  if (data instanceof Uint8Array || data instanceof Uint16Array || data instanceof Float32Array) return data;
  if (ArrayBuffer.isView(data)) return Float32Array.from(data as unknown as ArrayLike<number>, Number);
  return Float32Array.from(data as Iterable<number>, Number);
}
