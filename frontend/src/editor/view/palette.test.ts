import { describe, expect, test } from "vitest";
import { Colouring } from "../colouring";
import { FactTable } from "../core/fact-table";
import { NO_FACTS } from "../core/edit";
import type { ColourBy, OverlayView } from "../door";
import { OVERLAY } from "../outlook";
import { PALETTES, UNKNOWN_COLOUR, cellColour, colourIndex, qualityColour, rgbOf } from "./palette";
import type { Rgb } from "./palette";

/** Linear RGB seen without one kind of cone, after Machado, Oliveira & Fernandes 2009, severity 1. */
const EYES: Readonly<Record<string, readonly number[]>> = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

const linear = (value: number): number => (value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
const times = (m: readonly number[], v: readonly number[]): number[] => [0, 3, 6].map((i) => m[i] * v[0] + m[i + 1] * v[1] + m[i + 2] * v[2]);

/** CIE L*a*b* (D65) of a colour as these eyes see it. */
function labOf(colour: Rgb, eyes: readonly number[]): number[] {
  const seen = times(eyes, colour.map(linear)).map((value) => Math.min(1, Math.max(0, value)));
  const xyz = times([0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522, 0.072175, 0.0193339, 0.119192, 0.9503041], seen);
  const [fx, fy, fz] = [xyz[0] / 0.95047, xyz[1], xyz[2] / 1.08883].map((n) => (n > 0.008856 ? Math.cbrt(n) : 7.787 * n + 16 / 116));
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

function nearest(colours: readonly string[], eyes: readonly number[]): number {
  const labs = colours.map((colour) => labOf(rgbOf(colour), eyes));
  return Math.min(...labs.flatMap((a, i) => labs.slice(i + 1).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]))));
}

const contrast = (a: number, b: number): number => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
const luminance = (colour: string): number => times([0.2126, 0.7152, 0.0722, 0, 0, 0, 0, 0, 0], rgbOf(colour).map(linear))[0];

describe("palettes", () => {
  test.each(Object.keys(PALETTES))("V5 V11 palette %s: every two colours stay apart for all eyes", (name) => {
    for (const eyes of Object.values(EYES)) expect(nearest(PALETTES[name as keyof typeof PALETTES], eyes)).toBeGreaterThan(12);
  });

  test("V5 contrast: clear colours are read on black, strong ones on white", () => {
    for (const colour of PALETTES.clear) expect(contrast(luminance(colour), 0)).toBeGreaterThan(4.5);
    for (const colour of PALETTES.strong) expect(contrast(luminance(colour), 1)).toBeGreaterThan(3);
  });
});

function family(): FactTable {
  const facts = new FactTable();
  const born = (cell: number, mother: number | null): unknown => facts.set(cell, { ...NO_FACTS, mother, quality: cell / 10, class: cell % 2 ? "a" : null });
  [[1, null], [2, 1], [3, 1], [4, 2], [9, null]].forEach(([cell, mother]) => born(cell ?? 0, mother));
  return facts;
}

const look = (colourBy: ColourBy, rest: Partial<OverlayView> = {}): OverlayView => ({ ...OVERLAY, colourBy, ...rest });
const CLASSES = [{ id: "a", name: "mitotic", color: "#102030" }];

describe("V5 colouring", () => {
  test("V5 by cell: by id alone, and the shader does it where the palette is the first", () => {
    expect(new Colouring().of(look("cell"), family(), CLASSES)).toBeNull();
    const strong = new Colouring().of(look("cell", { palette: "strong" }), family(), CLASSES);
    expect(strong?.(5)).toEqual(rgbOf(PALETTES.strong[colourIndex(5, PALETTES.strong.length)]));
  });

  test("V5 by class and by confidence: unknown ones are grey", () => {
    const byClass = new Colouring().of(look("class"), family(), CLASSES);
    expect([byClass?.(1), byClass?.(2), byClass?.(77)]).toEqual([[16, 32, 48], UNKNOWN_COLOUR, UNKNOWN_COLOUR]);
    const byQuality = new Colouring().of(look("quality"), family(), CLASSES);
    expect([byQuality?.(9), byQuality?.(77)]).toEqual([qualityColour(0.9), UNKNOWN_COLOUR]);
  });

  test("V5 by track: mother and daughters share a hue, sisters and generations differ", () => {
    const byTrack = new Colouring().of(look("track"), family(), CLASSES);
    const root = cellColour(1, PALETTES.clear.map(rgbOf));
    expect(byTrack?.(1)).toEqual(root);
    const kin = [1, 2, 3, 4].map((cell): Rgb => byTrack?.(cell) ?? [0, 0, 0]);
    for (const colour of kin) expect(Math.abs(hueOf(colour) - hueOf(root))).toBeLessThan(4);
    expect(new Set(kin.map(String)).size).toBe(4);
    expect(byTrack?.(9)).toEqual(cellColour(9, PALETTES.clear.map(rgbOf)));
  });

  test("V5 a circle of mothers, which no server lets in, does not hang", () => {
    const facts = family();
    facts.set(1, { ...NO_FACTS, mother: 4 });
    expect(new Colouring().of(look("track"), facts, CLASSES)?.(2)).toHaveLength(3);
  });

  test("V5 the table is made anew only when a colour may have changed", () => {
    const [facts, colouring] = [family(), new Colouring()];
    const [cells, classes] = [colouring.of(look("cell", { palette: "grey" }), facts, CLASSES), () => colouring.of(look("class"), facts, CLASSES)];
    const first = classes();
    expect(classes()).toBe(first);
    facts.set(2, { ...NO_FACTS, class: "a" });
    expect(classes()).not.toBe(first);
    expect(colouring.of(look("cell", { palette: "grey" }), facts, CLASSES)).not.toBe(cells);
  });

  test("U8 highlight: what is not selected is grey, and only while something is selected", () => {
    const colouring = new Colouring();
    const lit = colouring.lit(look("cell", { highlight: true }), family(), CLASSES, [1]);
    expect(lit?.(2)).toEqual(UNKNOWN_COLOUR);
    expect(lit?.(1)).not.toEqual(UNKNOWN_COLOUR);
    expect(colouring.lit(look("cell", { highlight: true }), family(), CLASSES, [])).toBeNull();
    expect(colouring.lit(look("cell"), family(), CLASSES, [1])).toBeNull();
  });
});

function hueOf([r, g, b]: Rgb): number {
  return (Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b) * 180) / Math.PI;
}
