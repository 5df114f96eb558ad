/** One question of a campaign, and what may be said to it. Pixels are relative to the item's crop. */
import type { Point } from "@/editor/painting";

export const KINDS = ["OUTLINE", "FIX", "CENTRES", "CELL", "SAME", "DIVIDED", "CLASS"] as const;
export type Kind = (typeof KINDS)[number];

export type Choice = "yes" | "no" | "unsure";

/** Runs as answers carry them: rows of `[y, x0, x1]`, x half-open. */
export type RunRows = readonly (readonly [y: number, x0: number, x1: number])[];

/** A place as answers carry it: `[y, x]` in px. */
export type Place = readonly [y: number, x: number];

export type Value = { readonly masks: readonly RunRows[] } | { readonly points: readonly Place[] } | { readonly choice: string };

export interface ClassChoice {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  /** Addresses of example crops. */
  readonly examples: readonly string[];
}

/** What a question looks like, without where it comes from. */
export interface Question {
  readonly kind: Kind;
  /** Size of the crop, px. */
  readonly height: number;
  readonly width: number;
  /** One address of a picture, or two: earlier and later. */
  readonly pictures: readonly string[];
  /** Outlines drawn into each picture: the cell that is asked about; of FIX the one to start from. */
  readonly shown: readonly (readonly RunRows[])[];
  readonly classes: readonly ClassChoice[];
  /** OUTLINE: one cell is asked for, not all of the picture. */
  readonly single: boolean;
}

/** What the page says after a question whose answer is known. */
export interface Feedback {
  readonly right: boolean;
  /** 0 to 1; null where the server gives none. */
  readonly score: number | null;
  readonly truth: Value | null;
  readonly regions: readonly ErrorRegion[];
}

export type Fault = "MISSED" | "INVENTED" | "MERGED" | "SPLIT" | "TOO_MUCH" | "TOO_LITTLE" | "WRONG";

/** A place that was wrong: pixels, or a point, or neither for a choice. */
export interface ErrorRegion {
  readonly fault: Fault;
  readonly runs: RunRows;
  readonly point: Place | null;
}

export const asPoint = ([y, x]: Place): Point => ({ x, y });
