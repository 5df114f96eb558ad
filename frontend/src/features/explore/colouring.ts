/** How points are coloured, and the legend that says so. Colours are 0xAABBGGRR, as a canvas keeps them; 0 hides a point. */
import { CLASS_COLOURS } from "@/ui/palette";
import type { Columns } from "./columns";

export interface LegendRow {
  key: number;
  label: string;
  colour: string;
  count: number;
}

export interface Colouring {
  of: Uint32Array;
  /** A row for each kind, or none where colours run from low to high. */
  legend: LegendRow[];
  range?: { low: number; high: number; ramp: string };
  /** The kind of each point, for choosing a whole kind at once. */
  kinds?: Int32Array;
}

export const QUIET = "#8c8c8c";
const MOST_KINDS = 40;
const NONE = -1;
/** From dark blue over green to yellow, even in lightness (after “viridis”, van der Walt and Smith 2015). */
const RAMP = ["#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725"];

export function packed(hex: string, alpha = 255): number {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return ((alpha << 24) | ((b ?? 0) << 16) | ((g ?? 0) << 8) | (r ?? 0)) >>> 0;
}

/** Kinds 0, 1, … each in a colour; beyond the palette colours come again, and the legend tells them apart by name. */
export function byKind(kinds: Int32Array, name: (kind: number) => string, colour: (kind: number) => string = wheel): Colouring {
  const counts = new Map<number, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const known = [...counts.keys()].sort((a, b) => a - b);
  const colours = new Map(known.map((kind) => [kind, kind === NONE ? QUIET : colour(kind)]));
  const inks = new Map([...colours].map(([kind, hex]) => [kind, packed(hex, kind === NONE ? 130 : 255)]));
  const of = Uint32Array.from(kinds, (kind) => inks.get(kind) ?? 0);
  const legend = known.slice(0, MOST_KINDS).map((kind) => ({ key: kind, label: name(kind), colour: colours.get(kind) ?? QUIET, count: counts.get(kind) ?? 0 }));
  return { of, legend, kinds };
}

const wheel = (kind: number): string => CLASS_COLOURS[kind % (CLASS_COLOURS.length - 1)] ?? QUIET;

/** Low to high between the 2nd and 98th of a hundred; what is not a number is grey. */
export function byValue(values: ArrayLike<number>): Colouring {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const [low, high] = [at(0.02), at(0.98)];
  const inks = Uint32Array.from({ length: 256 }, (_, step) => packed(between(step / 255)));
  const missing = packed(QUIET, 130);
  const of = Uint32Array.from(values, (value) => {
    if (!Number.isFinite(value)) return missing;
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return inks[Math.max(0, Math.min(255, Math.round(share * 255)))] ?? missing;
  });
  return { of, legend: [], range: { low, high, ramp: `linear-gradient(to right, ${RAMP.join(", ")})` } };
}

function between(share: number): string {
  const at = share * (RAMP.length - 1);
  const [a, b] = [RAMP[Math.floor(at)] ?? QUIET, RAMP[Math.ceil(at)] ?? QUIET];
  const mixed = [1, 3, 5].map((i) => Math.round(parseInt(a.slice(i, i + 2), 16) * (1 - (at % 1)) + parseInt(b.slice(i, i + 2), 16) * (at % 1)));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

interface KnownClass {
  id: string;
  name: string;
  color?: string;
}

export function byClass(told: Uint8Array, known: readonly string[], classes: readonly KnownClass[]): Colouring {
  const rows = known.map((id) => classes.find((one) => one.id === id));
  const kinds = Int32Array.from(told, (place) => (place === 0 || place === 255 ? NONE : place - 1));
  return byKind(kinds, (kind) => (kind === NONE ? "no class" : (rows[kind]?.name ?? "a class")), (kind) => rows[kind]?.color ?? wheel(kind));
}

export function byGroup(columns: Columns): Colouring {
  return byKind(Int32Array.from(columns.of("group")), (kind) => (kind === NONE ? "between groups" : `group ${kind + 1}`));
}

export function byImage(columns: Columns): Colouring {
  return byKind(Int32Array.from(columns.of("image")), (kind) => columns.images[kind]?.name ?? "an image");
}
