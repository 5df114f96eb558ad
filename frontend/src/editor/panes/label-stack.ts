/** Labels of all planes of one time, kept as runs: small, and cut in any direction when asked. */
import type { Frame, TileContent } from "../core/frame";
import { TILE_PX, tileKey } from "../core/geometry";
import type { TileKey } from "../core/geometry";
import { eachRun } from "../core/tile-content";

export interface StackSize {
  readonly z: number;
  readonly y: number;
  readonly x: number;
}

export class LabelStack {
  readonly #planes: (ReadonlyMap<TileKey, TileContent> | null)[];

  constructor(readonly size: StackSize) {
    this.#planes = Array.from({ length: size.z }, () => null);
  }

  setPlane(z: number, frame: Frame): void {
    this.#planes[z] = new Map(frame.tiles.map(({ ty, tx, content }) => [tileKey(ty, tx), content]));
  }

  has(z: number): boolean {
    return this.#planes[z] != null;
  }

  /** The middle one of the planes that hold a cell; null where none does. */
  planeOf(cell: number): number | null {
    const holds = (plane: ReadonlyMap<TileKey, TileContent> | null): boolean => [...(plane?.values() ?? [])].some(({ ids }) => ids.includes(cell));
    const planes = this.#planes.flatMap((plane, z) => (holds(plane) ? [z] : []));
    return planes.length > 0 ? planes[Math.floor(planes.length / 2)] : null;
  }

  /** Cell of each voxel of the plane y, `[z, x]` row by row; where cells overlap the lowest number, 0 for none. */
  xz(y: number): Uint32Array {
    const { x: width, z: depth } = this.size;
    const slice = new Uint32Array(depth * width);
    const [ty, from] = [Math.floor(y / TILE_PX), (y % TILE_PX) * TILE_PX];
    this.#planes.forEach((plane, z) => {
      for (let tx = 0; tx * TILE_PX < width; tx++) {
        const content = plane?.get(tileKey(ty, tx));
        if (!content) continue;
        const offset = z * width + tx * TILE_PX;
        eachRun(content, (cell, start, end) => {
          const last = Math.min(end, from + Math.min(TILE_PX, width - tx * TILE_PX));
          for (let at = Math.max(start, from); at < last; at++) keepFirst(slice, offset + at - from, cell);
        });
      }
    });
    return slice;
  }

  /** Cell of each voxel of the plane x, `[y, z]` row by row. */
  yz(x: number): Uint32Array {
    const { y: height, z: depth } = this.size;
    const slice = new Uint32Array(height * depth);
    const [tx, column] = [Math.floor(x / TILE_PX), x % TILE_PX];
    this.#planes.forEach((plane, z) => {
      for (let ty = 0; ty * TILE_PX < height; ty++) {
        const content = plane?.get(tileKey(ty, tx));
        if (content) eachRun(content, (cell, start, end) => markColumn(cell, start, end, ty * TILE_PX, z));
      }
    });
    return slice;

    function markColumn(cell: number, start: number, end: number, top: number, z: number): void {
      const first = Math.ceil((start - column) / TILE_PX);
      for (let row = Math.max(0, first); row * TILE_PX + column < end && top + row < height; row++) {
        keepFirst(slice, (top + row) * depth + z, cell);
      }
    }
  }

  /** Calls back for every pixel of plane z on a grid of every `step` px, counted in grid places. */
  eachSample(z: number, step: number, visit: (cell: number, j: number, i: number) => void): void {
    const middle = Math.floor(step / 2);
    this.#planes[z]?.forEach((content, key) => {
      const [top, left] = [Math.floor(key / 65536) * TILE_PX, (key % 65536) * TILE_PX];
      eachRun(content, (cell, start, end) => {
        for (let at = start; at < end; ) {
          const stop = Math.min(end, (Math.floor(at / TILE_PX) + 1) * TILE_PX);
          const y = top + Math.floor(at / TILE_PX);
          if ((y - middle) % step === 0 && y >= middle) sampleRow(cell, (y - middle) / step, left + (at % TILE_PX), stop - at);
          at = stop;
        }
      });
    });

    function sampleRow(cell: number, j: number, x: number, length: number): void {
      for (let i = Math.max(0, Math.ceil((x - middle) / step)); i * step + middle < x + length; i++) visit(cell, j, i);
    }
  }
}

function keepFirst(slice: Uint32Array, at: number, cell: number): void {
  if (slice[at] === 0 || cell < slice[at]) slice[at] = cell;
}
