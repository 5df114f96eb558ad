/** Grey values of all planes of one time, at a resolution that fits a pane and the memory. */
import type { LabelDocument, PixelArray, PyramidLevel } from "../host";
import { eachTile } from "../view/tiles-in-view";

/** Bytes for all channels together. */
const MOST_BYTES = 96 * 2 ** 20;

const BYTES = { uint8: 1, uint16: 2, float32: 4 } as const;

export interface StackGrid {
  readonly level: number;
  /** Image px per sample along x and y. */
  readonly scale: number;
  /** Planes per sample. */
  readonly z_step: number;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

/** The finest grid whose samples of so many channels fit; planes are skipped only where the coarsest level is still too much. */
export function gridFor({ pyramid, size, pixelType }: LabelDocument, channels: number, most_bytes = MOST_BYTES): StackGrid {
  const bytes = BYTES[pixelType] * Math.max(1, channels);
  const weight = ({ height_px, width_px }: PyramidLevel): number => height_px * width_px * size.z * bytes;
  const fitting = pyramid.findIndex((level) => weight(level) <= most_bytes);
  const level = fitting < 0 ? pyramid.length - 1 : fitting;
  const { scale, width_px, height_px } = pyramid[level];
  const z_step = Math.max(1, Math.ceil(weight(pyramid[level]) / most_bytes));
  return { level, scale, z_step, width: width_px, height: height_px, depth: Math.ceil(size.z / z_step) };
}

export class PixelStack {
  readonly #channels = new Map<number, PixelArray>();

  constructor(
    private readonly document: LabelDocument,
    readonly t: number,
    readonly grid: StackGrid,
  ) {}

  has(c: number): boolean {
    return this.#channels.has(c);
  }

  /** Reads one plane of samples of a channel. */
  async readPlane(c: number, k: number, signal: AbortSignal): Promise<void> {
    const { document, grid, t } = this;
    const values = this.#values(c);
    const edge = document.pixelTilePx;
    const jobs: Promise<void>[] = [];
    eachTile({ ty0: 0, tx0: 0, ty1: Math.ceil(grid.height / edge), tx1: Math.ceil(grid.width / edge) }, (ty, tx) => {
      const read = document.pixels.readTile({ level: grid.level, t, c, z: k * grid.z_step, ty, tx }, signal);
      jobs.push(read.then((tile) => this.#put(values, tile, k, ty, tx)));
    });
    await Promise.all(jobs);
  }

  #values(c: number): PixelArray {
    const { width, height, depth } = this.grid;
    const kind = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array }[this.document.pixelType];
    const values = this.#channels.get(c) ?? new kind(width * height * depth);
    this.#channels.set(c, values);
    return values;
  }

  /** An edge tile may come whole or cut to the image. */
  #put(values: PixelArray, tile: PixelArray, k: number, ty: number, tx: number): void {
    const { width, height } = this.grid;
    const edge = this.document.pixelTilePx;
    const [rows, columns] = [Math.min(edge, height - ty * edge), Math.min(edge, width - tx * edge)];
    const stride = tile.length === rows * columns ? columns : edge;
    for (let y = 0; y < rows; y++) {
      values.set(tile.subarray(y * stride, y * stride + columns), (k * height + ty * edge + y) * width + tx * edge);
    }
  }

  /** Value at an image pixel of a plane; 0 while it is read. */
  at(c: number, z: number, y: number, x: number): number {
    const { width, height, scale, z_step } = this.grid;
    const values = this.#channels.get(c);
    const [k, j, i] = [Math.floor(z / z_step), Math.min(height - 1, Math.floor(y / scale)), Math.min(width - 1, Math.floor(x / scale))];
    return values ? values[(k * height + j) * width + i] : 0;
  }

  /** A function of (z, x) or (y, z) is asked often: this one has found its array already. */
  reader(c: number): (z: number, y: number, x: number) => number {
    const { width, height, scale, z_step } = this.grid;
    const values = this.#channels.get(c);
    if (!values) return () => 0;
    return (z, y, x) => {
      const [j, i] = [Math.min(height - 1, Math.floor(y / scale)), Math.min(width - 1, Math.floor(x / scale))];
      return values[(Math.floor(z / z_step) * height + j) * width + i];
    };
  }
}
