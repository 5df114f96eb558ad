/** What commands work on: one open document, its labels, and how it is looked at. */
import type { Camera, ChannelView, Crosshair, Draft, Histogram, Hover, Notice, Other, OverlayView, Scope, ToolName, ToolOptions } from "../door";
import type { LabelDocument } from "../host";
import type { Edit } from "../core/edit";
import type { FrameLabels } from "../core/frame-labels";
import type { Point, Rect } from "../core/geometry";
import type { HistoryFeed } from "../reading/history-feed";
import type { IdPool } from "../core/id-pool";
import type { LabelSession } from "../core/label-session";
import type { LabelStore } from "../core/label-store";
import type { FramePlace } from "../reading/frame-reader";
import type { CanvasSize } from "../view/camera";

/** How the document is looked at and worked on. Replaced in parts, never changed in place. */
export interface Outlook {
  readonly t: number;
  readonly z: number;
  readonly camera: Camera;
  readonly tool: ToolName;
  readonly toolOptions: ToolOptions;
  readonly selected: readonly number[];
  readonly hover: Hover | null;
  readonly cursor: Point | null;
  readonly channels: readonly ChannelView[];
  readonly overlay: OverlayView;
  readonly notice: Notice | null;
  readonly draft: Draft | null;
  /** Other people in the same picture. */
  readonly others: readonly Other[];
  readonly crosshair: Crosshair | null;
}

/** Grey values of a rectangle of one plane at full resolution, cut to the image. */
export interface Crop {
  readonly rect: Rect;
  /** Row-major, one array a channel asked for. */
  readonly channels: readonly Float32Array[];
}

export interface Desk {
  readonly document: LabelDocument;
  readonly store: LabelStore;
  readonly session: LabelSession;
  /** Older steps of this person, in the server's log. */
  readonly past: HistoryFeed;
  readonly ids: IdPool;
  readonly outlook: Outlook;
  set(patch: Partial<Outlook>): void;
  canvasSize(): CanvasSize;
  /** Labels of the present frame; undefined while they are read. */
  frame(): FrameLabels | undefined;
  /** Cells at a pixel of the present frame: by their labels, or by the points that stand for them. */
  cellsAt(x: number, y: number): readonly number[];
  /** Whether labels can be changed now; throws Refused with the reason otherwise. */
  needEditable(): FrameLabels;
  /** Frames where these cells may be; the present one for the scope `frame`. */
  framesOf(scope: Scope, cells: readonly number[]): readonly FramePlace[];
  /** Runs `then` when these frames are here: at once, or after they were read. */
  withFrames(places: readonly FramePlace[], then: (frames: readonly FrameLabels[]) => void): void;
  /** A fresh cell id; throws Refused when none is reserved. */
  takeId(): number;
  /** An own edit was made (or nothing changed): tells the host. */
  made(edit: Edit | null): void;
  /** Grey values of a rectangle of the present plane (or another), read where they are not here. Rejects with a sentence. */
  readCrop(rect: Rect, channels: readonly number[], at?: FramePlace): Promise<Crop>;
  /** Runs an answer that came later as a command would run: refusals are shown, the state is told. Dropped when the document was closed. */
  later(work: Promise<unknown>): void;
  /** Exact percentile window of what is loaded of a channel. */
  autoWindow(channel: number): readonly [number, number] | null;
  histogram(channel: number): Histogram | null;
  /** Window and colour that the channel had at first. */
  firstLook(channel: number): ChannelView;
}
