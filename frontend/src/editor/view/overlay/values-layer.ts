/** The grey value of every pixel, written into it, where pixels are large enough. */
import { clamp } from "@/editor/core/geometry";
import type { ChannelView } from "@/editor/door";
import { viewRect } from "../camera";
import { rgbOf } from "../palette";
import type { Rgb } from "../palette";
import type { PixelTile } from "../scene";
import { fontOf, inkOn } from "./ink";
import { onCanvas } from "./overlay-scene";
import type { Layer, OverlayScene } from "./overlay-scene";

/** CSS px of one image pixel from which values are written. */
export const VALUES_ZOOM = 28;
const LINE_MIN_PX = 7.5;
const LINE_MAX_PX = 14;
const MARGIN_PX = 2;

export interface PixelValues {
  readonly x: number;
  readonly y: number;
  /** One a visible channel, in their order. */
  readonly words: readonly string[];
  /** Black or white, whichever is read on the pixel. */
  readonly ink: string;
}

/** Height of a line when `lines` of them stand in a pixel; 0 when they could not be read. */
export function lineHeight(zoom: number, lines: number): number {
  const height = (zoom - 2 * MARGIN_PX) / Math.max(1, lines);
  return zoom < VALUES_ZOOM || height < LINE_MIN_PX ? 0 : Math.min(LINE_MAX_PX, height);
}

/** Every pixel in view whose values are here at full resolution. */
export function valuesInView(scene: OverlayScene): PixelValues[] {
  const shown = scene.channels.flatMap((channel, c) => (channel.visible ? [{ channel, c, colour: rgbOf(channel.color) }] : []));
  const rect = viewRect(scene.camera, scene.size);
  const tileAt = tilesOf(scene);
  const found: PixelValues[] = [];
  for (let y = Math.max(0, Math.floor(rect.y0)); y < Math.min(scene.image.height, rect.y1); y++) {
    for (let x = Math.max(0, Math.floor(rect.x0)); x < Math.min(scene.image.width, rect.x1); x++) {
      const values = shown.map(({ c }) => valueOf(tileAt(c, y, x), y, x, scene.pixelTilePx));
      if (values.some((value) => value === null)) continue;
      const luminance = luminanceOf(shown.map(({ channel, colour }, i) => scaled(colour, shareOf(values[i] ?? 0, channel))));
      found.push({ x, y, words: values.map((value) => shortValue(value ?? 0)), ink: inkOn(luminance) });
    }
  }
  return found;
}

/** Asks for each tile once. */
function tilesOf({ pixels, pixelTilePx, t, z }: OverlayScene): (c: number, y: number, x: number) => PixelTile | undefined {
  const known = new Map<string, PixelTile | undefined>();
  return (c, y, x) => {
    const [ty, tx] = [Math.floor(y / pixelTilePx), Math.floor(x / pixelTilePx)];
    const key = `${c}/${ty}/${tx}`;
    if (!known.has(key)) known.set(key, pixels({ level: 0, t, z, c, ty, tx }));
    return known.get(key);
  };
}

const valueOf = (tile: PixelTile | undefined, y: number, x: number, edge: number): number | null =>
  tile ? tile.data[(y % edge) * tile.width + (x % edge)] : null;

/** How bright a value is shown, 0 to 1: as the shader does it. */
function shareOf(value: number, { min, max, gamma, invert }: ChannelView): number {
  const share = clamp((value - min) / Math.max(max - min, 1e-9), 0, 1) ** gamma;
  return invert ? 1 - share : share;
}

const scaled = ([r, g, b]: Rgb, share: number): Rgb => [r * share, g * share, b * share];

/** Relative luminance of colours that add up (sRGB taken as it is: near enough to choose black or white). */
function luminanceOf(colours: readonly Rgb[]): number {
  const sum = [0, 1, 2].map((i) => Math.min(255, colours.reduce((total, colour) => total + colour[i], 0)) / 255);
  return 0.2126 * sum[0] ** 2.2 + 0.7152 * sum[1] ** 2.2 + 0.0722 * sum[2] ** 2.2;
}

/** Whole numbers as they are, fractions with three digits. */
export const shortValue = (value: number): string => (Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3))));

export const drawValues: Layer = (context, scene) => {
  const lines = scene.channels.filter((channel) => channel.visible).length;
  const line = scene.overlay.grid ? lineHeight(scene.camera.zoom, lines) : 0;
  if (line === 0 || lines === 0) return false;
  const values = valuesInView(scene);
  const longest = Math.max(1, ...values.flatMap(({ words }) => words.map((word) => word.length)));
  context.font = fontOf(Math.min(line * 0.86, (scene.camera.zoom - 2 * MARGIN_PX) / (0.58 * longest)), 500);
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const at of values) write(context, scene, at, line);
  return values.length > 0;
};

function write(context: CanvasRenderingContext2D, scene: OverlayScene, { x, y, words, ink }: PixelValues, line: number): void {
  const middle = onCanvas(scene, { x: x + 0.5, y: y + 0.5 });
  const top = middle.y - ((words.length - 1) * line) / 2;
  context.fillStyle = ink;
  words.forEach((word, i) => context.fillText(word, middle.x, top + i * line));
}
