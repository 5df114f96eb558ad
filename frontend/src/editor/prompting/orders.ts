/** What can be asked of click-to-segment beside the page's own thread. */
import type { Prompt } from "./answering";
import type { PromptFiles } from "./contract";
import type { TileAt } from "./embedding";
import type { Look, Plane } from "./looking";
import type { Runs } from "../core/runs";
import type { Size } from "./windows";
import type { Zoom } from "./zooming";

export interface PromptOrders {
  /** Makes the nets ready; milliseconds that it took. */
  load: { ask: PromptFiles; answer: number };
  /** The look of a frame, from a coarse level of it. */
  look: { ask: Plane; answer: Look };
  /** Opens a frame's embeddings under a key, plain and enlarged; what was open before stays while there is room. */
  open: { ask: { readonly frame: string; readonly size: Size }; answer: null };
  /** Which of these tiles are not here. */
  missing: { ask: { readonly frame: string; readonly zoom: Zoom; readonly tiles: readonly TileAt[] }; answer: readonly TileAt[] };
  /** A tile that the server has made. */
  keep: { ask: { readonly frame: string; readonly zoom: Zoom; readonly at: TileAt; readonly bytes: Uint8Array }; answer: null };
  /** A tile made here, from the grey values of the tile and its margin as they lie in the image. */
  encode: { ask: { readonly frame: string; readonly zoom: Zoom; readonly at: TileAt; readonly plane: Plane; readonly look: Look }; answer: null };
  /** `key`: one proposal; the answer to its clicks but the last is remembered under it. */
  answer: { ask: PromptAsk; answer: PromptReply };
  forget: { ask: { readonly key: number }; answer: null };
}

export interface PromptAsk {
  readonly frame: string;
  readonly key: number;
  readonly prompt: Prompt;
  /** Zoom at which a first click starts. */
  readonly zoom: Zoom;
}

export type PromptReply =
  /** Tiles that must be here first. */
  | { readonly kind: "missing"; readonly zoom: Zoom; readonly tiles: readonly TileAt[] }
  | { readonly kind: "mask"; readonly runs: Runs; readonly quality: number; readonly zoom: Zoom };

export type PromptKind = keyof PromptOrders;
export type PromptAskOf<K extends PromptKind> = PromptOrders[K]["ask"];
export type PromptAnswerOf<K extends PromptKind> = PromptOrders[K]["answer"];

export interface PromptOrder {
  readonly number: number;
  readonly kind: PromptKind;
  readonly ask: PromptAskOf<PromptKind>;
}

export type PromptMessage =
  | { readonly number: number; readonly answer: PromptAnswerOf<PromptKind> }
  | { readonly number: number; readonly error: string };
