/** One cell becomes several, one for each seed, along a watershed of its grey values or of its shape. */
import { lineOfRuns, normalise, runsOfLine, runsOfMask } from "../core/runs";
import type { Runs } from "../core/runs";
import { distanceInside } from "./distance";
import { gaussian } from "./gaussian";
import type { Grey } from "./grey";
import { percentileOf } from "./grey";
import { watershed } from "./watershed";

export type SplitBy = "grey" | "shape";

export interface SplitAnswer {
  /** Of each seed, in its order; together the whole cell; [] for a seed that is outside or on an earlier one. In image px. */
  readonly parts: readonly Runs[];
  readonly by: SplitBy;
}

/** Grey values win when their ridge is this much of the shape's waist. Tried on touching nuclei of the Data Science Bowl. */
const GREY_FAVOUR = 1;

/** One cell in its own box, with an empty margin of a pixel; splits it as often as asked. */
export class Splitter {
  readonly #byShape: Float32Array;
  /** Grey values with the cells bright, and with the cells dark and their borders bright. */
  readonly #byGrey: readonly Float32Array[];

  constructor(
    private readonly mask: Uint8Array,
    private readonly width: number,
    /** Image place of the first pixel. */
    private readonly at: { readonly x: number; readonly y: number },
    grey: Grey | null,
    smoothing_px: number,
  ) {
    this.#byShape = scaled(distanceInside(mask, width).map((away) => -away), mask);
    const smooth = grey ? scaled(gaussian(grey, smoothing_px).data, mask) : null;
    this.#byGrey = smooth ? [smooth.map((value) => -value), smooth] : [];
  }

  /** `seeds` are pixels of the box. */
  split(seeds: readonly number[], on: "auto" | SplitBy): SplitAnswer {
    const markers = this.#markers(seeds);
    const shape = on === "grey" && this.#byGrey.length > 0 ? null : this.#flood(this.#byShape, markers, seeds);
    const grey = on === "shape" ? null : this.#flooded(markers, seeds);
    const byGrey = grey !== null && (shape === null || grey.depth >= GREY_FAVOUR * shape.depth);
    const chosen = byGrey ? grey : shape;
    return { parts: this.#parts(chosen?.labels ?? markers, seeds.length), by: byGrey ? "grey" : "shape" };
  }

  #flooded(markers: Int32Array, seeds: readonly number[]): Flood | null {
    const floods = this.#byGrey.map((heights) => this.#flood(heights, markers, seeds));
    return floods.reduce<Flood | null>((best, flood) => (best === null || flood.depth > best.depth ? flood : best), null);
  }

  #markers(seeds: readonly number[]): Int32Array {
    const markers = new Int32Array(this.mask.length);
    seeds.forEach((pixel, i) => {
      if (this.mask[pixel] !== 0 && markers[pixel] === 0) markers[pixel] = i + 1;
    });
    return markers;
  }

  /** The ridge between the seeds, seen from the lower ground on the shallower side: 0 when there is none. */
  #flood(heights: Float32Array, markers: Int32Array, seeds: readonly number[]): Flood {
    const { labels, pass } = watershed(heights, markers, this.mask, this.width);
    const floors = new Float64Array(seeds.length).fill(Infinity);
    for (let i = 0; i < labels.length; i++) if (labels[i] > 0) floors[labels[i] - 1] = Math.min(floors[labels[i] - 1], heights[i]);
    const shallowest = Math.max(...floors.filter(Number.isFinite));
    return { labels, depth: pass === -Infinity ? 0 : pass - shallowest };
  }

  /** Pieces of the cell that no seed reaches stay with the first. */
  #parts(labels: Int32Array, count: number): Runs[] {
    return Array.from({ length: count }, (_, i) => {
      const part = labels.map((label, k) => Number(this.mask[k] !== 0 && (label === i + 1 || (i === 0 && label === 0))));
      return runsOfLine(normalise(lineOfRuns(runsOfMask(part, this.width, this.at.y, this.at.x))));
    });
  }
}

interface Flood {
  readonly labels: Int32Array;
  readonly depth: number;
}

/** To 0 … 1 between the 5th and the 95th percentile within the mask: the depths of both landscapes can be compared. */
function scaled(heights: Float32Array, mask: Uint8Array): Float32Array {
  const inside = heights.filter((_, i) => mask[i] !== 0);
  const [low, high] = [percentileOf(inside, 5), percentileOf(inside, 95)];
  const span = high - low || 1;
  return heights.map((value) => (value - low) / span);
}
