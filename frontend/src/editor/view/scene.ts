/** All that a picture is made of. The view reads it and never writes. */
import type { ChannelView, OverlayView } from "../door";
import type { PixelArray, PixelRequest, PyramidLevel } from "../host";
import type { Camera } from "../door";
import type { FrameLabels } from "../core/frame-labels";
import type { Point } from "../core/geometry";
import type { StubLayer } from "../reading/stub-layer";
import type { Rgb } from "./palette";
import type { CanvasSize, ImageExtent } from "./camera";

export interface PixelTile {
  readonly data: PixelArray;
  readonly width: number;
  readonly height: number;
}

export interface BrushCursor {
  readonly at: Point;
  readonly diameter_px: number;
  readonly kind: "brush" | "eraser";
}

export interface Scene {
  readonly size: CanvasSize;
  readonly image: ImageExtent;
  readonly pyramid: readonly PyramidLevel[];
  readonly pixelTilePx: number;
  readonly pixelType: "uint8" | "uint16" | "float32";
  readonly background: Rgb;
  readonly t: number;
  readonly z: number;
  readonly camera: Camera;
  readonly channels: readonly ChannelView[];
  readonly overlay: OverlayView;
  readonly selected: readonly number[];
  readonly hovered: number;
  readonly cursor: BrushCursor | null;
  readonly labels: FrameLabels | undefined;
  /** Points instead of labels, while too many cells are in view. */
  readonly stubs?: StubLayer | null;
  /** Colour of a cell in the modes that ask the facts; null: by id. */
  readonly colourOf: ((cell: number) => Rgb) | null;
  /** Largest cell id, for the size of the table of colours. */
  readonly topCell: number;
  /** A pixel tile that is here, or undefined. */
  readonly pixels: (request: PixelRequest) => PixelTile | undefined;
}

export const pixelKey = (r: PixelRequest): string => `${r.t}/${r.z}/${r.c}/${r.level}/${r.ty}/${r.tx}`;
