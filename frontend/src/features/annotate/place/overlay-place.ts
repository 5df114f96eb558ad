import { PALETTES, type CellNames, type ColourBy, type OverlayView, type PaletteName } from "@/editor";

const COLOUR_BY: readonly ColourBy[] = ["cell", "class", "track", "quality"];
const NAMES: readonly CellNames[] = ["none", "number", "class"];

const FLAGS = { visible: "v", outlines: "o", grid: "g" } as const;

/** How labels are shown, as `class_0.28_vog_number_clear`. */
export function writeOverlay({ colourBy, fillOpacity, names, palette, ...flags }: OverlayView): string {
  const letters = Object.entries(FLAGS).map(([name, letter]) => (flags[name as keyof typeof FLAGS] ? letter : ""));
  return [colourBy, Number(fillOpacity.toFixed(3)), letters.join(""), names, palette].join("_");
}

/** Undefined for anything that it does not understand whole. */
export function parseOverlay(text: string | undefined): OverlayView | undefined {
  const [colourBy, fill, letters = "", names, palette] = text?.split("_") ?? [];
  const fillOpacity = Number(fill);
  const known = COLOUR_BY.includes(colourBy as ColourBy) && NAMES.includes(names as CellNames) && palette !== undefined && Object.hasOwn(PALETTES, palette);
  if (!known || !(fillOpacity >= 0 && fillOpacity <= 1)) return undefined;
  const has = (name: keyof typeof FLAGS): boolean => letters.includes(FLAGS[name]);
  return { visible: has("visible"), outlines: has("outlines"), grid: has("grid"), fillOpacity, colourBy: colourBy as ColourBy, names: names as CellNames, palette: palette as PaletteName };
}
