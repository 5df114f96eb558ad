/** What the host gives: an image, its labels, and ways to read more of them. */
import type { Edit } from "./core/edit";
import type { CellRecord } from "./core/fact-table";
import type { Frame } from "./core/frame";
import type { IdBlock } from "./core/id-pool";
import type { TileKey, TileRange } from "./core/geometry";
import type { Place } from "./door";
import type { Prompt } from "./prompting/answering";
import type { PromptFiles } from "./prompting/contract";
import type { Segmented } from "./prompting/prompting";

/** Sizes along the five axes, in frames, channels, planes and pixels. */
export interface ImageSize {
  readonly t: number;
  readonly c: number;
  readonly z: number;
  readonly y: number;
  readonly x: number;
}

export interface PyramidLevel {
  readonly height_px: number;
  readonly width_px: number;
  /** Image pixels per pixel of this level, along x and y: 1, 2, 4 … */
  readonly scale: number;
}

export interface ChannelInfo {
  readonly name: string;
  /** `#rrggbb`; a default is chosen when null. */
  readonly color: string | null;
  /** Grey values shown as black and as full colour; null: measured from the first tiles. */
  readonly window: readonly [number, number] | null;
  /** Off until somebody switches it on. */
  readonly hidden?: boolean;
}

export interface ClassInfo {
  readonly id: string;
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
  /** Of one axis a cell carries one class; left out: all classes share one. */
  readonly axis?: string;
  /** Its digit, 1 to 9; null: none. Left out: by its place in the list. */
  readonly digit?: number | null;
  /** Given to no cell any more. */
  readonly archived?: boolean;
}

export interface PixelRequest {
  readonly level: number;
  readonly t: number;
  readonly c: number;
  readonly z: number;
  readonly ty: number;
  readonly tx: number;
}

export type PixelArray = Uint8Array | Uint16Array | Float32Array;

export interface PixelProvider {
  /** Row-major tile of `pixelTilePx` squared; an edge tile may be cut short (its rows then have the cut width) or padded. */
  readTile(request: PixelRequest, signal: AbortSignal): Promise<PixelArray>;
}

export interface FrameRequest {
  readonly t: number;
  readonly z: number;
  /** Only tiles changed after this revision. */
  readonly since?: number;
  /** Only these tiles. */
  readonly tiles?: TileRange;
}

/** A cell, and the label tiles in which it has pixels at the place that was asked about. */
export interface PlacedCell extends CellRecord {
  readonly tiles: readonly TileKey[];
}

export interface RegionRequest {
  readonly t: number;
  readonly z: number;
  readonly tiles: TileRange;
}

/** Cells as points, where too many are in view to draw their pixels. */
export interface Stubs {
  /** Per stub four numbers: cell, y, x (its middle, px), area (px). */
  readonly rows: Uint32Array;
  /** Of so many tiles asked for, so many were looked at. */
  readonly tilesRead: number;
  readonly tilesInRange: number;
}

/** Reads parts of labels: for images whose labels are too many to be read whole. */
export interface RegionProvider {
  /** Cells with pixels in these tiles. */
  readCells(request: RegionRequest, signal: AbortSignal): Promise<readonly PlacedCell[]>;
  /** Named cells; those that do not exist are left out. */
  lookUp(cells: readonly number[], at: { readonly t: number; readonly z: number }, signal: AbortSignal): Promise<readonly PlacedCell[]>;
  /** At most `most` cells as points, spread evenly over the tiles. */
  readStubs?(request: RegionRequest, most: number, signal: AbortSignal): Promise<Stubs>;
  /** How many cells the image has, to guess how many are in view. */
  countCells?(signal: AbortSignal): Promise<number>;
}

export interface LabelProvider {
  /** Fetch the bytes and hand them to `decodeFrame`, exported beside `createEditor`. */
  readFrame(request: FrameRequest, signal: AbortSignal): Promise<Frame>;
}

export interface CellProvider {
  /** All cells of the branch. Asked once for a document. */
  readCells(signal: AbortSignal): Promise<readonly CellRecord[]>;
}

export interface OwnEdits {
  /** Newest first. */
  readonly edits: readonly Edit[];
  /** Where the next page begins; null: the log ends here. */
  readonly before: number | null;
}

export interface PastProvider {
  /** This person's own edits on the branch, of revisions before `before` (null: the newest), newest first. */
  readOwn(before: number | null, signal: AbortSignal): Promise<OwnEdits>;
  /** Own edits of an earlier visit that the server does not have yet, oldest first. */
  readonly unsent?: readonly Edit[];
  /** The server has everything that was drawn here: steps can be read again. */
  isSaved(): boolean;
}

/** Which part of which frame's embedding; `channels` are those that the net sees, at most three. */
export interface EmbeddingRequest {
  readonly t: number;
  readonly z: number;
  readonly channels: readonly number[];
  /** 2: of the frame enlarged twice. */
  readonly zoom: 1 | 2;
  readonly ty: number;
  readonly tx: number;
  /** Of the model that must have made it. */
  readonly digest: string;
}

export interface PromptRequest extends Prompt {
  readonly t: number;
  readonly z: number;
  readonly channels: readonly number[];
}

/** Click-to-segment: the model, and what a server can do for it. */
export interface PromptProvider {
  /** Reads the model; tells how much of it is here, 0 to 1. Called again only after it failed. Rejects with a sentence. */
  load(onProgress: (fraction: number) => void): Promise<PromptFiles>;
  /** A part of the embedding, by feature, row and column, a byte each; null where the server makes none: it is made here. */
  readTile(request: EmbeddingRequest): Promise<Uint8Array | null>;
  /** The mask from a larger model on the server; null where there is none: it is made here. */
  answer?(request: PromptRequest): Promise<Segmented | null>;
}

export interface LabelDocument {
  /** Changes when another picture is meant; used in messages only. */
  readonly id: string;
  readonly size: ImageSize;
  /** Uint8Array → "uint8", Uint16Array → "uint16", anything else as "float32". */
  readonly pixelType: "uint8" | "uint16" | "float32";
  readonly channels: readonly ChannelInfo[];
  /** Finest first; level 0 has scale 1. */
  readonly pyramid: readonly PyramidLevel[];
  /** Edge of a pixel tile: the chunk of the image store, 512 for OME-Zarr written by this project. */
  readonly pixelTilePx: number;
  readonly pixels: PixelProvider;
  readonly labels: LabelProvider;
  readonly cells: CellProvider;
  /** Where given, labels and cells of this document are read by regions, and `cells` is not asked. */
  readonly regions?: RegionProvider;
  readonly classes: readonly ClassInfo[];
  /** Asks the server for a block of fresh cell ids; called ahead of need. */
  reserveIds(count: number): Promise<IdBlock>;
  /** Nothing can be edited: review, past revisions, viewers. */
  readonly readOnly?: boolean;
  /** Where to look first: a deep link, or what `state().place` gave earlier. */
  readonly place?: Partial<Place>;
  /** This person's log on the server: undo goes on where they stopped, on whatever device. */
  readonly past?: PastProvider;
  /** Click-to-segment with a net; without it the picture's edges decide. */
  readonly prompts?: PromptProvider;
}
