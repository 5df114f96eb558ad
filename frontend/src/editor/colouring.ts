/** Which colour every cell has in the chosen way of colouring. */
import type { ColourBy, OverlayView } from "./door";
import type { FactTable } from "./core/fact-table";
import type { ClassInfo } from "./host";
import { CELL_COLOURS, PALETTES, UNKNOWN_COLOUR, cellColour, lineageColour, qualityColour, rgbOf } from "./view/palette";
import type { Rgb } from "./view/palette";

export type ColourOf = (cell: number) => Rgb;

export class Colouring {
  #key = "";
  #colourOf: ColourOf | null = null;
  #lit: { readonly base: ColourOf | null; readonly selected: readonly number[]; readonly colourOf: ColourOf } | null = null;

  /** As `of`; while highlighted, cells that are not selected are grey. */
  lit(overlay: OverlayView, facts: FactTable, classes: readonly ClassInfo[], selected: readonly number[]): ColourOf | null {
    const base = this.of(overlay, facts, classes);
    if (!overlay.highlight || selected.length === 0) return base;
    if (this.#lit?.base !== base || this.#lit.selected !== selected) this.#lit = { base, selected, colourOf: onlyThese(selected, base) };
    return this.#lit.colourOf;
  }

  /** The same function until a colour may have changed; null: by id in the first palette, which the shader knows by itself. */
  of({ colourBy, palette }: OverlayView, facts: FactTable, classes: readonly ClassInfo[]): ColourOf | null {
    const colours = PALETTES[palette] ?? CELL_COLOURS;
    if (colourBy === "cell" && colours === CELL_COLOURS) return null;
    const key = `${colourBy} ${palette} ${colourBy === "cell" ? "" : facts.version}`;
    if (key !== this.#key) this.#colourOf = MAKERS[colourBy]({ facts, classes, colours: colours.map(rgbOf) });
    this.#key = key;
    return this.#colourOf;
  }

  forget(): void {
    this.#key = "";
  }
}

function onlyThese(selected: readonly number[], base: ColourOf | null): ColourOf {
  const chosen = new Set(selected);
  const first = CELL_COLOURS.map(rgbOf);
  return (cell) => (chosen.has(cell) ? (base?.(cell) ?? cellColour(cell, first)) : UNKNOWN_COLOUR);
}

interface Known {
  readonly facts: FactTable;
  readonly classes: readonly ClassInfo[];
  readonly colours: readonly Rgb[];
}

const MAKERS: Readonly<Record<ColourBy, (known: Known) => ColourOf>> = {
  cell: ({ colours }) => (cell) => cellColour(cell, colours),
  class: byClass,
  track: byLineage,
  quality: ({ facts }) => (cell) => qualityColour(facts.get(cell)?.quality ?? null),
};

function byClass({ facts, classes }: Known): ColourOf {
  const colours = new Map<string | null, Rgb>(classes.map((item) => [item.id, rgbOf(item.color)]));
  return (cell) => colours.get(facts.get(cell)?.class ?? null) ?? UNKNOWN_COLOUR;
}

/** Kin share a hue, sisters differ in lightness; a cell without mother is the first of its family. */
function byLineage({ facts, colours }: Known): ColourOf {
  const motherOf = (cell: number): number | null => facts.get(cell)?.mother ?? null;
  const isSecond = (cell: number): boolean => {
    const mother = motherOf(cell);
    return mother !== null && facts.daughtersOf(mother)[0] !== cell;
  };
  return (cell) => lineageColour(cell, colours, motherOf, isSecond);
}
