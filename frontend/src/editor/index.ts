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
