/** The only door of the editor. */
export type {
  ActionInfo, Camera, CellProvider, ChannelInfo, ChannelView, ClassInfo, ColourBy,
  Command, Editor, EditorOptions, EditorState, FrameRequest, Histogram, Hover, ImageSize, KeyBinding, Keymap,
  LabelDocument, LabelProvider, Loading, Notice, OverlayView, PixelArray, PixelProvider, PixelRequest, Place,
  PyramidLevel, RemoteChange, Scope, ToolName, ToolOptions, 
} from "./door";
export type { CellChange, CellFacts, Edit, PixelChange } from "./core/edit";
export type { CellRecord } from "./core/fact-table";
export type { CellMeasure } from "./core/frame-labels";
export type { WriteMode } from "./core/frame-writer";
export type { Bounds, Point } from "./core/geometry";
export type { IdBlock } from "./core/id-pool";
export type { Runs } from "./core/runs";
export type { Frame, FrameTile, TileContent } from "./core/frame";
export { ACTIONS } from "./input/actions";
export { DEFAULT_KEYMAP, nameOf as nameOfKey } from "./input/keymap";
export { CELL_COLOURS } from "./view/palette";
export { decodeFrame } from "./workers/frame-decoder";
import type { Editor, EditorOptions } from "./door";
import { CanvasEditor } from "./editor";

/** An editor on this canvas; throws GraphicsError where the browser offers no WebGL2. Ends with `destroy()`. */
export const createEditor = (canvas: HTMLCanvasElement, options: EditorOptions = {}): Editor => new CanvasEditor(canvas, options);
