/** The only door of the editor. */
import type { Editor, EditorOptions } from "./door";
import { CanvasEditor } from "./editor";

export type {
  ActionGroup, ActionInfo, Camera, CellNames, ChannelView, ColourBy, Command, Crosshair, Draft, DraftShape, Editor, EditorOptions, EditorState, Histogram, Hover,
  KeyBinding, Keymap, Loading, Notice, Other, OverlayView, PaletteName, Place, Proposal, RemoteChange, Scope, ToolName, ToolOptions,
} from "./door";
export type {
  CellProvider, ChannelInfo, PlacedCell, RegionProvider, RegionRequest, Stubs, ClassInfo, FrameRequest, ImageSize, LabelDocument, LabelProvider, OwnEdits, PastProvider, PixelArray,
  EmbeddingRequest, PixelProvider, PixelRequest, PromptProvider, PromptRequest, PyramidLevel,
} from "./host";
export type { PromptFiles, PromptModel } from "./prompting/contract";
export type { Segmented } from "./prompting/prompting";
export type { CellChange, CellFacts, Edit, PixelChange } from "./core/edit";
export type { CellRecord, FactMark, FactsTouched } from "./core/fact-table";
export type { CellMeasure } from "./core/frame-labels";
export type { WriteMode } from "./core/frame-writer";
export type { Bounds, Point, TileKey, TileRange } from "./core/geometry";
export { tileKey } from "./core/geometry";
export type { IdBlock } from "./core/id-pool";
export type { Runs } from "./core/runs";
export type { Frame, FrameTile, TileContent } from "./core/frame";
export { invert as invertEdit, NO_FACTS } from "./core/edit";
export type { AttributeValue } from "./core/edit";
export { classesOf } from "./core/cell-labels";
export { classOfDigit } from "./input/actions/class-actions";
export { ACTIONS } from "./input/actions/actions";
export { ACTION_SETTINGS, GENERAL_SETTINGS, TOOL_SETTINGS } from "./tool-settings";
export type { ChannelSetting, ChoiceSetting, NumberSetting, ToggleSetting, ToolSetting } from "./tool-settings";
export { nameOf as nameOfKey } from "./input/keymap";
export { DEFAULT_KEYMAP } from "./input/keymaps/default";
export { keymapOf, ownKeymap, presetNamed, PRESETS, withClassKeys } from "./input/keymaps/presets";
export type { Preset } from "./input/keymaps/preset";
export { DEFAULT_HABITS } from "./input/habits";
export type { Habits } from "./input/habits";
export { isModifier as isModifierKey, keysOf } from "./input/keymap";
export type { KeysByAction } from "./input/keymap";
export { CELL_COLOURS, PALETTES } from "./view/palette";
export { Stack } from "./panes/stack";
export { SliceView } from "./panes/slice-view";
export type { SliceState, Voxel } from "./panes/slice-view";
export { VolumeView } from "./panes/volume-view";
export { MOST_EDGE, makeVolume } from "./panes/volume";
export type { Volume } from "./panes/volume";
export { decodeFrame } from "./workers/frame-decoder";

/** An editor on this canvas; throws GraphicsError where the browser offers no WebGL2. Ends with `destroy()`. */
export const createEditor = (canvas: HTMLCanvasElement, options: EditorOptions = {}): Editor => new CanvasEditor(canvas, options);
export { cutTo, holds, rangesOf, subtract, unite, type FrameRanges } from "./core/frame-ranges";
