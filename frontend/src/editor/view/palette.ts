/** Colours. Labels keep theirs over all frames: it follows from the id alone, or from what is known of the cell. */
import type { PaletteName } from "../door";

export type Rgb = readonly [number, number, number];

export function rgbOf(hex: string): Rgb {
  const value = parseInt(hex.replace("#", ""), 16);
  return Number.isNaN(value) ? [255, 255, 255] : [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/**
 * Found by search: every two of the twelve are at least 18 apart (CIE 1976) in the eyes of everyone, normal, protan,
 * deutan and tritan alike (simulated after Machado 2009), and all are light enough to be read as thin lines on black.
 */
export const CELL_COLOURS: readonly string[] = [
  "#82c2fb", "#f76812", "#adfbc6", "#ff56ca", "#ffee1a", "#43a855", "#d860ff", "#53faff", "#d57887", "#10d749", "#ffa3c6", "#badf8f",
];

/** For bright pictures: the same search among colours dark enough to be read on white. */
const STRONG: readonly string[] = [
  "#289cda", "#a11600", "#2a5036", "#ff08c6", "#5534fd", "#d37400", "#7f018d", "#a38e4e", "#f70d78", "#751cbe", "#c44eff", "#9f1e77",
];

const BLUE_ORANGE: readonly string[] = ["#2f7bff", "#ff8a1f", "#8fc2ff", "#c85a00", "#d6e8ff", "#ffc47d", "#00b7cf", "#ffe9cc"];

const GREY: readonly string[] = ["#ffffff", "#9a9a9a", "#d4d4d4", "#6f6f6f"];

export const PALETTES: Readonly<Record<PaletteName, readonly string[]>> = {
  clear: CELL_COLOURS, strong: STRONG, "blue-orange": BLUE_ORANGE, grey: GREY,
};

/** Which of `count` colours a number gets: neighbouring numbers get different ones. The label shader counts the same. */
export function colourIndex(cell: number, count: number): number {
  let h = Math.imul(cell, 2654435761) >>> 0;
  h = Math.imul(h ^ (h >>> 15), 2246822519) >>> 0;
  return ((h >>> 16) * count) >>> 16;
}

export const cellColour = (cell: number, colours: readonly Rgb[]): Rgb => colours[colourIndex(cell, colours.length)];

/** Lighter and darker by turns down a family: kin by hue, told apart by lightness. */
const GENERATIONS: readonly (readonly [Rgb, number])[] = [
  [[255, 255, 255], 0], [[255, 255, 255], 0.45], [[0, 0, 0], 0.32], [[255, 255, 255], 0.22], [[0, 0, 0], 0.5],
];

/**
 * Colour of a track by its lineage. `motherOf` answers null at the root; `isSecond` tells the later of two sisters, who
 * is a step further in lightness than her sister.
 */
export function lineageColour(cell: number, colours: readonly Rgb[], motherOf: (cell: number) => number | null, isSecond: (cell: number) => boolean): Rgb {
  let [root, steps, weight] = [cell, 0, 1];
  for (let mother = motherOf(cell), depth = 0; mother !== null && depth < 64; depth++) {
    steps += (isSecond(root) ? 2 : 1) * weight; // places of a binary tree, counted from its root
    weight = (2 * weight) % GENERATIONS.length;
    [root, mother] = [mother, motherOf(mother)];
  }
  const [towards, share] = GENERATIONS[steps % GENERATIONS.length];
  return blend(cellColour(root, colours), towards, share);
}

export const blend = (from: Rgb, to: Rgb, share: number): Rgb => [mixed(from[0], to[0], share), mixed(from[1], to[1], share), mixed(from[2], to[2], share)];

const mixed = (a: number, b: number, share: number): number => Math.round(a + (b - a) * share);

/** Channels without a colour of their own: grey alone, else colours that add up. */
export const CHANNEL_COLOURS: readonly string[] = [
  "#4fa3ff", "#4be58a", "#ff5fa8", "#ffc94a", "#58e6e6", "#b58cff", "#ff8a5c", "#f2f2f2",
];

export const channelColour = (index: number, count: number): string =>
  count === 1 ? "#ffffff" : CHANNEL_COLOURS[index % CHANNEL_COLOURS.length];

/** Low to high quality: a path of rising lightness (after Nuñez' cividis) that everyone can order. */
const QUALITY: readonly Rgb[] = [[255, 107, 74], [255, 176, 92], [232, 226, 140], [140, 214, 214], [96, 165, 255]];

export const UNKNOWN_COLOUR: Rgb = [150, 158, 170];

export function qualityColour(quality: number | null): Rgb {
  if (quality === null) return UNKNOWN_COLOUR;
  const at = Math.min(1, Math.max(0, quality)) * (QUALITY.length - 1);
  const low = Math.min(QUALITY.length - 2, Math.floor(at));
  return blend(QUALITY[low], QUALITY[low + 1], at - low);
}
