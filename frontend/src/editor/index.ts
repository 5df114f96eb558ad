/** The only door of the editor. */
export type {
  ActionInfo, Bounds, Camera, CellMeasure, CellProvider, CellRecord, ChannelInfo, ChannelView, ClassInfo, ColourBy,
  Command, Editor, EditorOptions, EditorState, FrameRequest, Histogram, Hover, IdBlock, ImageSize, KeyBinding, Keymap,
  LabelDocument, LabelProvider, Loading, Notice, OverlayView, PixelArray, PixelProvider, PixelRequest, Place, Point,
  PyramidLevel, RemoteChange, Scope, ToolName, ToolOptions, WriteMode,
} from './door';
export type { CellChange, CellFacts, Edit, PixelChange, Runs } from './core/edit';
export type { Frame, FrameTile, TileContent } from './core/frame';
