/** `prompt.json`: what a click-to-segment model reads and answers. Names as in the file (training/contract/prompting.py). */

export interface Normalisation {
  readonly low_percentile: number;
  readonly high_percentile: number;
  /** Where the median of the channels' mean lies above it, the background is the bright side. */
  readonly invert_above: number;
  readonly clip_low: number;
  readonly clip_high: number;
  readonly sample_px: number;
}

export interface PromptModel {
  readonly name: string;
  /** `window`: ours, small enough for a browser. `whole`: only the server runs it. */
  readonly kind: "window" | "whole";
  readonly digest: string;
  /** Numbers a cell of the embedding, each a byte for −1 … 1. */
  readonly features: number;
  readonly channels: number;
  /** Picture px to a cell of the embedding. */
  readonly stride_px: number;
  /** Sides of what the encoder reads are multiples of it. */
  readonly multiple_px: number;
  readonly tile_px: number;
  readonly margin_px: number;
  readonly window_cells: number;
  readonly scales: readonly number[];
  readonly most_points: number;
  readonly normalisation: Normalisation;
}

/** The model's parts as the host has read them. */
export interface PromptFiles {
  readonly model: PromptModel;
  readonly encoder: ArrayBuffer;
  readonly decoder: ArrayBuffer;
  /** The WebAssembly of onnxruntime-web, of exactly the version that is bundled. */
  readonly runtime: ArrayBuffer;
}
