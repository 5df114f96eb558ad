import { describe, expect, test } from "vitest";
import { drawn, pictureWorld, seeded, worldOf } from "../core/testing";
import { TILE_PX } from "../core/geometry";
import { Transaction } from "../core/transaction";
import { centredOn, fitted, kept, toCanvas, toImage, zoomed } from "./camera";
import { Damage } from "./damage";
import { autoWindow, histogramOf } from "./grey-values";
import { readSamples, sampleTile, sampledRect } from "./label-samples";
import { labelLevelFor, levelFor, tilesIn } from "./tiles-in-view";

const SIZE = { width: 800, height: 600, density: 2 };

describe("camera", () => {
  test("image and canvas are inverse; zooming keeps the point under the pointer", () => {
    const camera = { x: 120, y: 80, zoom: 3.5 };
    const at = toImage(camera, SIZE, { x: 100, y: 550 });
    expect(toCanvas(camera, SIZE, at)).toEqual({ x: 100, y: 550 });
    const nearer = zoomed(camera, 1.7, at);
    const { x, y } = toCanvas(nearer, SIZE, at);
    expect([x, y].map((n) => Math.round(n * 1e6) / 1e6)).toEqual([100, 550]);
  });

  test("zoom stays between 0.01 and 64 and the picture in sight", () => {
    expect(zoomed({ x: 0, y: 0, zoom: 60 }, 9, { x: 0, y: 0 }).zoom).toBe(64);
    expect(zoomed({ x: 0, y: 0, zoom: 0.011 }, 0.1, { x: 0, y: 0 }).zoom).toBe(0.01);
    expect(kept({ x: -50, y: 900, zoom: 1 }, { height: 300, width: 400 })).toEqual({ x: 0, y: 300, zoom: 1 });
  });

  test("fitting shows the whole picture, centring brings a speck nearer", () => {
    const whole = fitted({ height: 3000, width: 3000 }, SIZE);
    expect(whole.zoom * 3000).toBeLessThanOrEqual(600);
    const near = centredOn({ x: 0, y: 0, zoom: 0.1 }, { y_min: 10, y_max: 19, x_min: 30, x_max: 39 }, SIZE);
    expect(near).toMatchObject({ x: 35, y: 15 });
    expect(near.zoom * 10).toBeCloseTo(72);
  });
});

describe("tiles", () => {
  const pyramid = [1, 2, 4].map((scale) => ({ scale, height_px: 2000 / scale, width_px: 3000 / scale }));

  test("the coarsest level with a pixel for every device pixel", () => {
    expect([0.5, 1, 1.9, 2, 3.9, 50].map((n) => levelFor(pyramid, n))).toEqual([0, 0, 0, 1, 1, 2]);
    expect([0.5, 1, 1.9, 2, 7.9, 8].map(labelLevelFor)).toEqual([0, 0, 0, 1, 2, 3]);
  });

  test("tiles touched by the view, cut to the picture", () => {
    expect(tilesIn({ x0: -50, y0: 600, x1: 1100, y1: 5000 }, pyramid[1], 512)).toEqual({ ty0: 0, tx0: 0, ty1: 2, tx1: 2 });
    expect(tilesIn({ x0: 4000, y0: 0, x1: 5000, y1: 10 }, pyramid[0], 512)).toMatchObject({ tx0: 6, tx1: 6 });
  });

  test("damage joins and is cut to the canvas", () => {
    const damage = new Damage();
    damage.add({ x0: 5.5, y0: 1, x1: 7.2, y1: 3 });
    damage.add({ x0: -9, y0: 2, x1: 2, y1: 4 });
    expect(damage.take(6, 3)).toEqual({ x0: 0, y0: 1, x1: 6, y1: 3 });
    expect(damage.take(6, 3)).toBeNull();
  });
});

describe("labels on a coarser grid", () => {
  function overlapping() {
    const random = seeded(4);
    const world = worldOf(600, 1100);
    const tx = new Transaction(world.store);
    for (let i = 0; i < 300; i++) {
      const [cell, y, x] = [1 + (i % 20), Math.floor(random() * 600), Math.floor(random() * 1000)];
      for (let k = 0; k < 9; k++) tx.on(0, 0).paint(cell, "overlap", y + k, x, x + 60);
    }
    tx.seal();
    return world;
  }

  test.each([0, 1, 2, 3])("level %i: from runs, from planes and pixel by pixel are the same", (level) => {
    const { frame } = overlapping();
    for (const [, tile] of frame.tiles()) tile.rest();
    const fromRuns = sampleTile(frame, level, 0, 0);
    for (const [, tile] of frame.tiles()) tile.planes();
    const fromPlanes = sampleTile(frame, level, 0, 0);
    const naive = [0, 1].map((plane) => naiveSamples(frame, level, plane));
    expect(fromRuns?.first).toEqual(naive[0]);
    expect(fromPlanes?.first).toEqual(naive[0]);
    expect(fromPlanes?.second ?? new Uint32Array(naive[1].length)).toEqual(naive[1]);
    const rect = { x0: 3, y0: 5, x1: 60, y1: 40 };
    expect(readSamples(frame, level, rect, 0)[7]).toBe(naive[0][5 * TILE_PX + 10]);
  });

  function naiveSamples(frame: ReturnType<typeof overlapping>["frame"], level: number, plane: number): Uint32Array {
    const step = 2 ** level;
    const middle = level === 0 ? 0 : step / 2;
    return new Uint32Array(TILE_PX * TILE_PX).map((_, i) => frame.cellsAt((i % TILE_PX) * step + middle, Math.floor(i / TILE_PX) * step + middle)[plane] ?? 0);
  }

  test("a dirty rectangle holds exactly the samples inside", () => {
    expect(sampledRect({ x0: 3, y0: 4, x1: 12, y1: 5 }, 2)).toEqual({ x0: 1, y0: 1, x1: 3, y1: 1 });
    expect(sampledRect({ x0: 3, y0: 4, x1: 12, y1: 7 }, 0)).toEqual({ x0: 3, y0: 4, x1: 12, y1: 7 });
  });

  test.each([0, 1, 2])("V3 level %i: a favoured cell is seen in each of its pixels, however many lie there", (level) => {
    const { frame } = overlapping();
    const [step, middle] = [2 ** level, level === 0 ? 0 : 2 ** level / 2];
    const third = Array.from({ length: TILE_PX * TILE_PX }, (_, i) => frame.cellsAt((i % TILE_PX) * step + middle, Math.floor(i / TILE_PX) * step + middle)[2]);
    const favoured = third.find((cell) => cell !== undefined) ?? 0;
    const [usual, turned] = [[], [favoured]].map((cells) => sampleTile(frame, level, 0, 0, cells));
    expect(usual?.deep).toBe(true);
    let hidden = 0;
    for (let i = 0; i < TILE_PX * TILE_PX; i++) {
      if (!frame.cellsAt((i % TILE_PX) * step + middle, Math.floor(i / TILE_PX) * step + middle).includes(favoured)) continue;
      expect([turned?.first[i], turned?.second?.[i]]).toContain(favoured);
      hidden += Number(usual?.first[i] !== favoured && usual?.second?.[i] !== favoured);
    }
    expect(hidden).toBeGreaterThan(0);
  });

  test("an empty tile has no samples", () => {
    expect(sampleTile(pictureWorld("..").frame, 0, 0, 0)).toBeNull();
    expect(drawn(pictureWorld("a.").frame)).toBe("a.");
  });
});

describe("V1 grey values", () => {
  test("automatic contrast equals the sorted reference", () => {
    const random = seeded(8);
    const data = new Uint16Array(5000).map(() => 65535 * random() ** 3);
    const sorted = [...data].sort((a, b) => a - b);
    expect(autoWindow([data.subarray(0, 1000), data.subarray(1000)])).toEqual([sorted[4], sorted[4995]]);
    expect(autoWindow([])).toBeNull();
    expect(autoWindow([new Uint8Array(9).fill(4)])).toEqual([4, 5]);
  });

  test("a histogram counts every pixel once and passes over what is no number", () => {
    const histogram = histogramOf([new Float32Array([0, 1, 0.5, NaN, 1])]);
    expect(histogram).toMatchObject({ min: 0, max: 1 });
    expect(histogram?.counts.reduce((sum, n) => sum + n, 0)).toBe(4);
    expect([histogram?.counts[0], histogram?.counts[128], histogram?.counts[255]]).toEqual([1, 1, 2]);
    expect(histogramOf([])).toBeNull();
  });
});
