import { describe, expect, test } from "vitest";
import { OVERLAY } from "@/editor/outlook";
import { NO_FACTS } from "@/editor/core/edit";
import { FrameLabels } from "@/editor/core/frame-labels";
import { TILE_PX } from "@/editor/core/geometry";
import { contentOfPlanes } from "@/editor/core/tile-content";
import { thinned } from "./cell-paths";
import { inkOn } from "./ink";
import { MOST_NAMES, namesInView } from "./names-layer";
import type { OverlayScene } from "./overlay-scene";
import { lineHeight, shortValue, valuesInView } from "./values-layer";

const LOOK = { name: "DAPI", color: "#ffffff", visible: true, min: 0, max: 1000, gamma: 1, invert: false };

const sceneOf = (patch: Partial<OverlayScene>): OverlayScene => ({
  size: { width: 640, height: 320, density: 1 }, image: { height: 600, width: 700 }, camera: { x: 511, y: 5, zoom: 64 }, t: 0, z: 0,
  channels: [LOOK, { ...LOOK, name: "CD3", visible: false }, { ...LOOK, name: "CD8" }], overlay: OVERLAY, labels: undefined,
  pixels: () => undefined, pixelTilePx: 512, pixelType: "uint16", selected: [], draft: null, others: [], crosshair: null,
  factsOf: () => null, marked: new Set(), className: () => null, labelsVersion: 0, factsVersion: 0, pixelsVersion: 0, ...patch,
});

/** Value of channel c at (y, x), in two tiles side by side. */
const valueAt = (c: number, y: number, x: number): number => c * 1000 + y * 10 + (x % 10);

const pixels: OverlayScene["pixels"] = ({ c, ty, tx, level }) => {
  if (level !== 0 || ty !== 0) return undefined;
  const width = tx === 0 ? 512 : 188;
  return { width, height: 512, data: Uint16Array.from({ length: width * 512 }, (_, i) => valueAt(c, Math.floor(i / width), tx * 512 + (i % width))) };
};

describe("V6 values of pixels", () => {
  test("V6 at 64 ×: every pixel in view with the value of each visible channel, across tiles", () => {
    const values = valuesInView(sceneOf({ pixels }));
    expect(values).toHaveLength(10 * 6); // rows 2 and 7 half in view
    for (const { x, y, words } of values) expect(words).toEqual([0, 2].map((c) => String(valueAt(c, y, x))));
    expect(new Set(values.map(({ x }) => x))).toContain(512);
  });

  test("V6 black or white, whichever is read on the pixel", () => {
    expect(valuesInView(sceneOf({ pixels }))[0]?.ink).toBe("#000000"); // channel 2 is far above its maximum: white ground
    expect(valuesInView(sceneOf({ pixels, channels: [LOOK] }))[0]?.ink).toBe("#ffffff");
    expect([inkOn(0), inkOn(0.2), inkOn(1)]).toEqual(["#ffffff", "#ffffff", "#000000"]);
  });

  test("V6 only where a pixel is 28 CSS px or more and all its channels can be read", () => {
    expect([lineHeight(27.9, 1), lineHeight(28, 1) > 0, lineHeight(28, 4), lineHeight(64, 8) > 0]).toEqual([0, true, 0, true]);
    expect(valuesInView(sceneOf({ pixels: () => undefined }))).toEqual([]);
  });

  test("V6 fractions are short enough for a pixel", () => {
    expect([shortValue(65535), shortValue(0.123456), shortValue(-2)]).toEqual(["65535", "0.123", "-2"]);
  });
});

/** Cells of 4 × 4 px on a grid, numbered from 1. */
function gridOfCells(): FrameLabels {
  const tiles = [0, 1].flatMap((ty) => [0, 1].map((tx) => {
    const plane = new Uint32Array(TILE_PX * TILE_PX);
    plane.forEach((_, i) => {
      const [y, x] = [ty * TILE_PX + (i >> 8), tx * TILE_PX + (i & 255)];
      if (y % 8 < 4 && x % 8 < 4) plane[i] = Math.floor(y / 8) * 64 + Math.floor(x / 8) + 1;
    });
    return { ty, tx, revision: 1, content: contentOfPlanes([plane]) };
  }));
  return FrameLabels.of({ head: 1, tiles }, { t: 0, z: 0, height: 512, width: 512 });
}

describe("V5 names on cells", () => {
  const named = (names: "none" | "number" | "class", zoom: number) =>
    namesInView(sceneOf({ labels: gridOfCells(), image: { height: 512, width: 512 }, camera: { x: 100, y: 100, zoom }, overlay: { ...OVERLAY, names }, factsOf: (cell) => ({ ...NO_FACTS, class: cell % 2 ? "a" : null }), className: () => "mitotic" }));

  test("V5 numbers stand in the middle of their cells", () => {
    const names = named("number", 10);
    const one = names.find(({ cell }) => cell === 12 * 64 + 12 + 1);
    expect(one).toEqual({ cell: 781, words: "781", x: 640 / 2 + (98 - 100) * 10, y: 320 / 2 + (98 - 100) * 10 });
    expect(named("none", 10)).toEqual([]);
  });

  test("V5 classes only where there are any; nothing where more than 400 cells are in view", () => {
    expect(named("class", 10).every(({ cell, words }) => cell % 2 === 1 && words === "mitotic")).toBe(true);
    const few = named("number", 4);
    expect(few.length).toBeGreaterThan(150);
    expect(few.length).toBeLessThanOrEqual(MOST_NAMES);
    expect(named("number", 2)).toEqual([]);
  });
});

describe("outlines above the picture", () => {
  test("from afar an outline has few corners and stays within a pixel or two of its border", () => {
    const stairs = Array.from({ length: 200 }, (_, i) => [i, i, i + 1, i]).flat();
    const line = thinned(stairs, 5);
    expect(line.length).toBeLessThan(stairs.length / 4);
    for (let i = 0; i < line.length - 2; i += 2) expect(Math.abs((line[i] ?? 0) - (line[i + 1] ?? 0))).toBeLessThanOrEqual(1);
  });
});
