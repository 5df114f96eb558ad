/** The picture without WebGL, against the arithmetic written out pixel by pixel. */
import { expect, test } from "vitest";
import { pictureWorld } from "@/editor/core/testing";
import type { ChannelView } from "@/editor/door";
import { OVERLAY } from "@/editor/outlook";
import type { Scene } from "../scene";
import { composeBase } from "./base-picture";
import { colourOf, paintLabels } from "./label-picture";

const COLOURS = ["#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff", "#ff00ff", "#808080", "#204060"];
const [WIDTH, HEIGHT] = [24, 16];

const look = (c: number): ChannelView => ({
  name: `channel ${c}`, color: COLOURS[c], visible: true, min: 300 * c, max: 20_000 + 4000 * c, gamma: c % 3 === 1 ? 0.7 : 1, invert: c === 5,
});

const grey = (c: number, y: number, x: number): number => (c * 7919 + y * 2503 + x * 911) % 65_536;

function sceneOf(changes: Partial<Scene> = {}): Scene {
  return {
    size: { width: WIDTH, height: HEIGHT, density: 1 },
    image: { height: HEIGHT, width: WIDTH },
    pyramid: [{ height_px: HEIGHT, width_px: WIDTH, scale: 1 }],
    pixelTilePx: 16,
    pixelType: "uint16",
    background: [1, 2, 3],
    t: 0, z: 0,
    camera: { x: WIDTH / 2, y: HEIGHT / 2, zoom: 1 },
    channels: COLOURS.map((_, c) => look(c)),
    overlay: OVERLAY,
    selected: [],
    hovered: 0,
    cursor: null,
    labels: undefined,
    colourOf: null,
    topCell: 9,
    pixels: ({ c, ty, tx }) => {
      const [height, width] = [16, Math.min(16, WIDTH - tx * 16)];
      const data = Uint16Array.from({ length: height * width }, (_, i) => grey(c, ty * 16 + Math.floor(i / width), tx * 16 + (i % width)));
      return { data, height, width };
    },
    ...changes,
  };
}

const WHOLE = { x0: 0, y0: 0, x1: WIDTH, y1: HEIGHT };

test("V2 eight channels of 16 bit without WebGL: each pixel is the windowed, bent, coloured sum", () => {
  const { rgb } = composeBase(sceneOf(), WHOLE);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const sum = [0, 0, 0];
      COLOURS.forEach((hex, c) => {
        const { min, max, gamma, invert } = look(c);
        const straight = Math.min(1, Math.max(0, (grey(c, y, x) - min) / (max - min))) ** gamma;
        [1, 3, 5].forEach((at, k) => (sum[k] += parseInt(hex.slice(at, at + 2), 16) * (invert ? 1 - straight : straight)));
      });
      sum.forEach((value, k) => expect(Math.abs(rgb[(y * WIDTH + x) * 3 + k] - Math.min(255, value))).toBeLessThan(0.5));
    }
  }
});

test("V2 far away four tile pixels are averaged, and ground beyond the image stays background", () => {
  const { rgb } = composeBase(sceneOf({ camera: { x: WIDTH / 2, y: HEIGHT / 2, zoom: 0.25 }, channels: [look(0)] }), WHOLE);
  expect([...rgb.slice(0, 3)]).toEqual([1, 2, 3]);
  const [y, x] = [Math.floor(HEIGHT / 2), Math.floor(WIDTH / 2)];
  const at = [[9, 13], [11, 13], [9, 15], [11, 15]].map(([py, px]) => grey(0, py, px));
  const mean = at.reduce((sum, value) => sum + value, 0) / 4;
  expect(rgb[(y * WIDTH + x) * 3]).toBeCloseTo((255 * Math.min(1, mean / 20_000)), 0);
});

test("V2 labels without WebGL: fill inside, a line at the edge, nothing elsewhere", () => {
  const world = pictureWorld(`
    ........................
    .aaaaaaa................
    .aaaaaaa................
    .aaaaaaa................
    .aaaaaaa................
    .aaaaaaa................`);
  const scene = sceneOf({ channels: [], labels: world.frame, image: { height: 6, width: WIDTH }, camera: { x: WIDTH / 2, y: HEIGHT / 2, zoom: 1 } });
  const colours = composeBase(scene, WHOLE);
  paintLabels(scene, colours);
  const at = (y: number, x: number): number[] => [...colours.rgb.slice((y * WIDTH + x) * 3, (y * WIDTH + x) * 3 + 3)].map(Math.round);
  const own = colourOf(scene, 1);
  expect(at(0, 0)).toEqual([1, 2, 3]);
  expect(at(3, 4)).toEqual([1, 2, 3].map((value, k) => Math.round(value + (own[k] - value) * OVERLAY.fillOpacity)));
  expect(at(1, 4)).toEqual([...own]);
});
