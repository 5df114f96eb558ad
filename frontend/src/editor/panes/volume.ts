/** Labels as a small box of numbers for the graphics card: never more than 256 voxels along an edge. */
import type { LabelStack } from "./label-stack";

export const MOST_EDGE = 256;

export interface Volume {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** 0 for nothing, else the place of its cell in `cells`, plus one. */
  readonly data: Uint16Array<ArrayBuffer>;
  readonly cells: readonly number[];
  /** Image px, and planes, that one voxel stands for. */
  readonly step: number;
  readonly z_step: number;
}

/** More cells than 16 bits can number are left out. */
const MOST_CELLS = 65_535;
/** Planes between two pauses in which the page may answer. */
const PLANES_AT_ONCE = 8;

export async function makeVolume(labels: LabelStack, most_edge = MOST_EDGE): Promise<Volume> {
  const { size } = labels;
  const step = Math.max(1, Math.ceil(Math.max(size.x, size.y) / most_edge));
  const z_step = Math.max(1, Math.ceil(size.z / most_edge));
  const [width, height, depth] = [Math.ceil(size.x / step), Math.ceil(size.y / step), Math.ceil(size.z / z_step)];
  const data = new Uint16Array(width * height * depth);
  const numbers = new Map<number, number>();
  const numberOf = (cell: number): number => {
    const known = numbers.get(cell);
    if (known !== undefined || numbers.size >= MOST_CELLS) return known ?? 0;
    numbers.set(cell, numbers.size + 1);
    return numbers.size;
  };
  for (let k = 0; k < depth; k++) {
    labels.eachSample(Math.min(size.z - 1, k * z_step + Math.floor(z_step / 2)), step, (cell, j, i) => {
      const at = (k * height + j) * width + i;
      if (j < height && i < width && data[at] === 0) data[at] = numberOf(cell);
    });
    if (k % PLANES_AT_ONCE === PLANES_AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve));
  }
  return { width, height, depth, data, cells: [...numbers.keys()], step, z_step };
}
