/** The magic wand on one crop: what belongs to the pressed pixel at a tolerance. */
import { runsOfMask } from "../core/runs";
import type { Runs } from "../core/runs";
import { gaussian } from "./gaussian";
import type { Grey } from "./grey";
import { ToleranceFlood, fillHolesOf } from "./tolerance-flood";

export interface WandAsk {
  readonly grey: Grey;
  /** The pressed pixel of the crop. */
  readonly seed: number;
  readonly smoothing_px: number;
  /** Image place of the first pixel. */
  readonly at: { readonly x: number; readonly y: number };
  /** Not 0 where nothing may be taken. */
  readonly barred: Uint8Array;
}

export interface WandAnswer {
  /** In image px. */
  readonly runs: Runs;
  /** It reaches the border of the crop, and would perhaps go on. */
  readonly atEdge: boolean;
}

export class Wand {
  readonly #flood: ToleranceFlood;

  constructor(private readonly ask: WandAsk) {
    this.#flood = new ToleranceFlood(gaussian(ask.grey, ask.smoothing_px), ask.seed, ask.barred);
  }

  reach(tolerance: number, fillsHoles: boolean): WandAnswer {
    const { grey, at, barred } = this.ask;
    const mask = this.#flood.mask(tolerance);
    if (fillsHoles) fillHolesOf(mask, grey.width, barred);
    return { runs: runsOfMask(mask, grey.width, at.y, at.x), atEdge: touchesBorder(mask, grey) };
  }
}

function touchesBorder(mask: Uint8Array, { width, height }: Grey): boolean {
  for (let x = 0; x < width; x++) if (mask[x] !== 0 || mask[(height - 1) * width + x] !== 0) return true;
  for (let y = 0; y < height; y++) if (mask[y * width] !== 0 || mask[y * width + width - 1] !== 0) return true;
  return false;
}
