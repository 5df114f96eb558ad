/** Colours. Labels keep theirs over all frames: it follows from the id alone. */

export type Rgb = readonly [number, number, number];

export function rgbOf(hex: string): Rgb {
  const value = parseInt(hex.replace("#", ""), 16);
  return Number.isNaN(value) ? [255, 255, 255] : [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/**
 * Twelve colours that stay apart for the three common kinds of colour blindness (hue and lightness differ together)
 * and are light enough to be read as thin lines on black. No pure red or green, no grey.
 */
export const CELL_COLOURS: readonly string[] = [
  "#5ec8ff", "#ffb454", "#58e0b4", "#ff86c8", "#e8e36a", "#8f9bff", "#ff8f6b", "#3fc6c6", "#c8a2ff", "#b6e86a", "#ffd7a8", "#4d9dff",
];

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
  const [a, b] = [QUALITY[low], QUALITY[low + 1]];
  const mix = (i: 0 | 1 | 2): number => Math.round(a[i] + (b[i] - a[i]) * (at - low));
  return [mix(0), mix(1), mix(2)];
}
