/** The channels composed in plain code: the same windows, bends and colours as the shader, within a grey level. */
import { clamp, intersectionOf, isEmptyRect } from "@/editor/core/geometry";
import type { Rect } from "@/editor/core/geometry";
import type { ChannelView } from "@/editor/door";
import { toCanvas, viewRect } from "../camera";
import { rgbOf } from "../palette";
import type { PixelTile, Scene } from "../scene";
import { eachTile, levelFor, tilesIn } from "../tiles-in-view";
import { imagePerDevice } from "../webgl/place";
import { latticeOf } from "./lattice";
import type { Lattice } from "./lattice";

const MOST_CHANNELS = 8;

/** A picture of device pixels: red, green, blue, each 0 to 255 and above while channels add up. */
export interface Colours {
  readonly area: Rect;
  readonly rgb: Float32Array;
}

interface Part {
  readonly tile: PixelTile;
  readonly scale: number;
  /** Image px of its first pixel. */
  readonly x: number;
  readonly y: number;
}

/** Base picture of a rectangle of device pixels (from the top left). */
export function composeBase(scene: Scene, area: Rect): Colours {
  const colours = { area, rgb: new Float32Array((area.x1 - area.x0) * (area.y1 - area.y0) * 3) };
  for (let i = 0; i < colours.rgb.length; i++) colours.rgb[i] = scene.background[i % 3];
  const shown = scene.channels.flatMap((channel, c) => (channel.visible ? [c] : [])).slice(0, MOST_CHANNELS);
  if (shown.length === 0) return colours;
  const level = levelFor(scene.pyramid, imagePerDevice(scene));
  const small = imagePerDevice(scene) > 1.001 * scene.pyramid[level].scale;
  const range = tilesIn(viewRect(scene.camera, scene.size), scene.pyramid[level], scene.pixelTilePx);
  eachTile(range, (ty, tx) => composeTile(scene, shown, { level, ty, tx }, small, colours));
  return colours;
}

function composeTile(scene: Scene, shown: readonly number[], at: { level: number; ty: number; tx: number }, small: boolean, into: Colours): void {
  const rect = intersectionOf(deviceRect(scene, at), into.area);
  if (isEmptyRect(rect)) return;
  eachPixel(rect, into, (i) => into.rgb.fill(0, i, i + 3));
  for (const c of shown) {
    const part = bestPart(scene, c, at);
    if (part) addChannel(scene.channels[c], part, latticeOf(scene, rect), rect, small, into);
  }
  eachPixel(rect, into, (i) => {
    for (let k = i; k < i + 3; k++) into.rgb[k] = Math.min(255, into.rgb[k]);
  });
}

function eachPixel(rect: Rect, { area }: Colours, visit: (i: number) => void): void {
  for (let y = rect.y0; y < rect.y1; y++) {
    let i = ((y - area.y0) * (area.x1 - area.x0) + rect.x0 - area.x0) * 3;
    for (let x = rect.x0; x < rect.x1; x++, i += 3) visit(i);
  }
}

function addChannel(look: ChannelView, part: Part, lattice: Lattice, rect: Rect, small: boolean, into: Colours): void {
  const [r, g, b] = rgbOf(look.color);
  const sample = samplerOf(part, lattice, small);
  const share = shareOf(look);
  for (let y = rect.y0; y < rect.y1; y++) {
    let i = ((y - into.area.y0) * (into.area.x1 - into.area.x0) + rect.x0 - into.area.x0) * 3;
    for (let x = rect.x0; x < rect.x1; x++, i += 3) {
      const value = share(sample(x - rect.x0, y - rect.y0));
      into.rgb[i] += r * value;
      into.rgb[i + 1] += g * value;
      into.rgb[i + 2] += b * value;
    }
  }
}

/** Grey value to the share of full colour, 0 to 1. */
export function shareOf({ min, max, gamma, invert }: ChannelView): (value: number) => number {
  const scale = 1 / Math.max(max - min, 1e-9);
  const bend = gamma === 1 ? (share: number) => share : (share: number) => share ** gamma;
  const straight = (value: number): number => bend(clamp((value - min) * scale, 0, 1));
  return invert ? (value) => 1 - straight(value) : straight;
}

/** Value under a device pixel; four taps where several tile pixels fall on one. */
function samplerOf({ tile, scale, x, y }: Part, lattice: Lattice, small: boolean): (column: number, row: number) => number {
  const { data, width, height } = tile;
  const tap = (px: number, py: number): number =>
    data[Math.floor(clamp(py, 0, height - 1)) * width + Math.floor(clamp(px, 0, width - 1))];
  const place = (at: number, origin: number, first: number): number => Math.fround(Math.fround(origin - first + at) / scale);
  const q = Math.fround((0.25 * lattice.per_px) / scale);
  return (column, row) => {
    const px = place(lattice.columns[column], lattice.origin_x, x);
    const py = place(lattice.rows[row], lattice.origin_y, y);
    if (!small) return tap(px, py);
    return 0.25 * (tap(px - q, py - q) + tap(px + q, py + q) + tap(px + q, py - q) + tap(px - q, py + q));
  };
}

/** The tile itself, or until it is here the part of a coarser one that covers it. */
function bestPart(scene: Scene, c: number, at: { level: number; ty: number; tx: number }): Part | null {
  const fine = scene.pyramid[at.level];
  for (let level = at.level; level < scene.pyramid.length; level++) {
    const { scale } = scene.pyramid[level];
    const [ty, tx] = [at.ty, at.tx].map((n) => Math.floor((n * fine.scale) / scale));
    const tile = scene.pixels({ level, t: scene.t, z: scene.z, c, ty, tx });
    if (tile) return { tile, scale, x: tx * scene.pixelTilePx * scale, y: ty * scene.pixelTilePx * scale };
  }
  return null;
}

/** Device pixels whose centres lie in a tile: neighbours share no pixel and leave none out. */
function deviceRect(scene: Scene, at: { level: number; ty: number; tx: number }): Rect {
  const edge = scene.pixelTilePx * scene.pyramid[at.level].scale;
  const corner = (ty: number, tx: number) =>
    toCanvas(scene.camera, scene.size, { x: Math.min(tx * edge, scene.image.width), y: Math.min(ty * edge, scene.image.height) });
  const [from, to] = [corner(at.ty, at.tx), corner(at.ty + 1, at.tx + 1)];
  const px = (value: number): number => Math.ceil(value * scene.size.density - 0.5);
  return { x0: px(from.x), y0: px(from.y), x1: px(to.x), y1: px(to.y) };
}
