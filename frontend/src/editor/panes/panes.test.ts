import { describe, expect, test } from "vitest";
import { contentOfPlanes } from "../core/tile-content";
import { TILE_PX } from "../core/geometry";
import type { Frame } from "../core/frame";
import type { LabelDocument } from "../host";
import { LabelStack } from "./label-stack";
import { firstHit, lensOf, rayAt, turned, FIRST_ORBIT } from "./orbit";
import type { Vec3 } from "./orbit";
import { PixelStack, gridFor } from "./pixel-stack";
import { depthAxis, voxelsOf } from "./slice-view";
import { makeVolume } from "./volume";

const SIZE = { z: 4, y: 300, x: 530 };

/** A number for every voxel, so that each has its own cell or none. */
const cellOf = (z: number, y: number, x: number): number => ((x * 7 + y * 13 + z * 31) % 11 === 0 ? ((x + y + z) % 5) + 1 : 0);

function planeFrame(z: number, cell = cellOf): Frame {
  const tiles = [];
  for (let ty = 0; ty * TILE_PX < SIZE.y; ty++) {
    for (let tx = 0; tx * TILE_PX < SIZE.x; tx++) {
      const plane = new Uint32Array(TILE_PX * TILE_PX);
      plane.forEach((_, i) => {
        const [y, x] = [ty * TILE_PX + (i >> 8), tx * TILE_PX + (i & 255)];
        if (y < SIZE.y && x < SIZE.x) plane[i] = cell(z, y, x);
      });
      tiles.push({ ty, tx, revision: 1, content: contentOfPlanes([plane]) });
    }
  }
  return { head: 1, tiles };
}

function labelStack(): LabelStack {
  const stack = new LabelStack(SIZE);
  for (let z = 0; z < SIZE.z; z++) stack.setPlane(z, planeFrame(z));
  return stack;
}

function document3d(): LabelDocument {
  const value = (z: number, y: number, x: number): number => z * 10_000 + y * 20 + (x % 20);
  const levels = [1, 2].map((scale) => ({ scale, height_px: SIZE.y / scale, width_px: SIZE.x / scale }));
  return {
    size: { t: 1, c: 1, ...SIZE }, pixelType: "uint16", pyramid: levels, pixelTilePx: 512,
    pixels: {
      readTile: ({ level, z, ty, tx }: { level: number; z: number; ty: number; tx: number }) => {
        const { scale, height_px, width_px } = levels[level];
        const [rows, columns] = [Math.min(512, height_px - ty * 512), Math.min(512, width_px - tx * 512)];
        return Promise.resolve(Uint16Array.from({ length: rows * columns }, (_, i) => value(z, (ty * 512 + Math.floor(i / columns)) * scale, (tx * 512 + (i % columns)) * scale)));
      },
    },
  } as unknown as LabelDocument;
}

describe("V9 orthogonal views", () => {
  test("V9 the same voxel in three planes: labels", () => {
    const stack = labelStack();
    for (const [z, y, x] of [[0, 0, 0], [3, 299, 529], [1, 255, 256], [2, 256, 255], [2, 140, 511]] as const) {
      expect(stack.xz(y)[z * SIZE.x + x]).toBe(cellOf(z, y, x));
      expect(stack.yz(x)[y * SIZE.z + z]).toBe(cellOf(z, y, x));
    }
  });

  test("V9 the same voxel in three planes: every voxel of a cut, labels and grey values", async () => {
    const stack = labelStack();
    const document = document3d();
    const pixels = new PixelStack(document, 0, gridFor(document, 1));
    for (let k = 0; k < SIZE.z; k++) await pixels.readPlane(0, k, new AbortController().signal);
    const [xz, yz, read] = [stack.xz(37), stack.yz(300), pixels.reader(0)];
    for (let z = 0; z < SIZE.z; z++) {
      for (let x = 0; x < SIZE.x; x++) expect(xz[z * SIZE.x + x]).toBe(cellOf(z, 37, x));
      for (let y = 0; y < SIZE.y; y++) expect(yz[y * SIZE.z + z]).toBe(cellOf(z, y, 300));
      expect(read(z, 37, 300)).toBe(z * 10_000 + 37 * 20);
      expect(pixels.at(0, z, 299, 529)).toBe(z * 10_000 + 299 * 20 + 9);
    }
  });

  test("V9 overlapping cells: the lowest number, whatever direction it is cut in", () => {
    const stack = new LabelStack(SIZE);
    const [a, b] = [new Uint32Array(TILE_PX * TILE_PX), new Uint32Array(TILE_PX * TILE_PX)];
    a[5 * TILE_PX + 9] = 3;
    b[5 * TILE_PX + 9] = 7;
    stack.setPlane(1, { head: 1, tiles: [{ ty: 0, tx: 0, revision: 1, content: contentOfPlanes([a, b]) }] });
    expect([stack.xz(5)[SIZE.x + 9], stack.yz(9)[5 * SIZE.z + 1]]).toEqual([3, 3]);
  });

  test("V9 memory: a coarser level, then fewer planes, never more bytes than allowed", () => {
    const document = document3d();
    const whole = 300 * 530 * 4 * 2;
    expect(gridFor(document, 1, whole)).toMatchObject({ level: 0, z_step: 1 });
    expect(gridFor(document, 1, whole - 1)).toMatchObject({ level: 1, scale: 2, z_step: 1 });
    expect(gridFor(document, 1, whole / 9)).toMatchObject({ level: 1, z_step: 3, depth: 2 });
  });

  test("V9 planes stand in the middle of the pane; the present one stays in sight where there is no room", () => {
    expect(depthAxis(10, 4, 100, 3)).toEqual({ start: 30, scale: 4 });
    expect(depthAxis(50, 4, 100, 0).start).toBe(0);
    expect(depthAxis(50, 4, 100, 49).start).toBe(-100);
    expect([...voxelsOf(6, { start: 1, scale: 2 }, 1, 2)]).toEqual([-1, 0, 0, 1, 1, -1]);
  });
});

describe("V9 volume", () => {
  test("V9 each voxel of the box is the pixel in the middle of what it stands for", async () => {
    const volume = await makeVolume(labelStack(), 100);
    expect(volume).toMatchObject({ step: 6, z_step: 1, width: 89, height: 50, depth: 4 });
    for (const [k, j, i] of [[0, 0, 0], [3, 49, 87], [2, 20, 44]] as const) {
      const number = volume.data[(k * 50 + j) * 89 + i];
      expect(number === 0 ? 0 : volume.cells[number - 1]).toBe(cellOf(k, j * 6 + 3, i * 6 + 3));
    }
  });

  test("V9 picking: the walked ray meets the same voxel as one tried in tiny steps", () => {
    const counts: Vec3 = [9, 7, 5];
    const size: Vec3 = [18, 14, 30];
    const filled = (at: number): boolean => (at * 2654435761) % 97 < 12;
    for (let n = 0; n < 60; n++) {
      const ray = rayAt(lensOf(turned(FIRST_ORBIT, n * 0.7, (n % 7) * 0.3 - 1), size), ((n % 5) - 2) * 0.21, ((n % 3) - 1) * 0.17);
      const hit = firstHit(ray, size, counts, filled);
      expect(hit).toBe(tried(ray, size, counts, filled));
    }
  });
});

/** The naive twin. */
function tried({ origin, direction }: ReturnType<typeof rayAt>, size: Vec3, counts: Vec3, filled: (at: number) => boolean): number {
  const reach = -(origin[0] - size[0] / 2) * direction[0] - (origin[1] - size[1] / 2) * direction[1] - (origin[2] - size[2] / 2) * direction[2];
  for (let t = reach - 40; t < reach + 40; t += 0.0008) {
    const voxel = [0, 1, 2].map((i) => Math.floor(((origin[i] + direction[i] * t) * counts[i]) / size[i]));
    if (voxel.some((n, i) => n < 0 || n >= counts[i])) continue;
    const at = (voxel[2] * counts[1] + voxel[1]) * counts[0] + voxel[0];
    if (filled(at)) return at;
  }
  return -1;
}
