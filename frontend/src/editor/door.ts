/** The types of the editor's door. The host needs nothing else. */
import type { CellCommand } from "./commands/cell-commands";
import type { HistoryCommand } from "./commands/history-commands";
import type { GuidedCommand } from "./commands/guided-commands";
import type { LabelCommand } from "./commands/label-commands";
import type { ShapeCommand } from "./commands/shape-commands";
import type { ProposalCommand } from "./commands/proposal-commands";
import type { SeriesCommand } from "./commands/series-commands";
import type { TraceCommand } from "./commands/trace-commands";
import type { PromptCommand } from "./commands/prompt-commands";
import type { TrackCommand } from "./commands/track-commands";
import type { ViewCommand } from "./commands/view-commands";
import type { CellFacts, Edit } from "./core/edit";
import type { CellRecord, FactMark, FactsTouched } from "./core/fact-table";
import type { Frame } from "./core/frame";
import type { CellMeasure } from "./core/frame-labels";
import type { WriteMode } from "./core/frame-writer";
import type { Point } from "./core/geometry";
import type { CraftOptions } from "./craft/options";
import type { Runs } from "./core/runs";
import type { TimeScope } from "./core/scope";
import type { LabelDocument } from "./host";
import type { Click, PromptBox } from "./prompting/answering";
import type { Habits } from "./input/habits";

export type Graphics = "automatic" | "software";

export interface EditorOptions {
  /** Element that hears keys; default: the canvas, which is made focusable. Pass `window` to hear all that is not typed into a field. */
  readonly keyTarget?: HTMLElement | Window;
  /** Default: DEFAULT_KEYMAP. */
  readonly keymap?: Keymap;
  /** Default: DEFAULT_HABITS. */
  readonly habits?: Habits;
  /** The menu of what lies here is asked for by the right button, client px. */
  readonly onMenu?: (at: Point, cells: readonly number[]) => void;
  /** Keys whose action belongs to the host (`task.next`, `palette.open`, `help.open` …). */
  readonly onAction?: (action: string) => void;
  /** Something failed outside a command: a provider, the graphics card. Already shown in `state().notice`. */
  readonly onError?: (error: unknown) => void;
  /** Memory for pixel tiles: on the graphics card, and the same again in the tab. Default 192 MB. */
  readonly pixelMemoryMb?: number;
  /** `software` draws without WebGL2 even where there is some. Default: automatic. */
  readonly graphics?: Graphics;
  /** First values of tools and overlay, from the host's small persisted store. */
  readonly toolOptions?: Partial<ToolOptions>;
  readonly overlay?: Partial<OverlayView>;
  /** `#rrggbb` behind the picture. */
  readonly background?: string;
}

// ---------------------------------------------------------------- what the host sees

export type ToolName =
  | "select" | "brush" | "eraser" | "fill" | "merge" | "delete" | "pan"
  | "cut" | "gather"
  | "polygon" | "lasso" | "magnetic" | "box" | "ellipse" | "point"
  | "threshold" | "watershed" | "wand"
  | "prompt"
  | "link" | "divide" | "follow";

export interface ToolOptions extends CraftOptions {
  /** Diameter in image pixels, 1 to 500. */
  readonly brush_px: number;
  readonly writeMode: WriteMode;
  /** What the eraser takes: only the selected cell, or any cell under the pen. */
  readonly erase: "selected" | "any";
  /** Merge also fills the holes of the result. */
  readonly mergeFillsHoles: boolean;
  /** Merge closes gaps between the parts that are this wide or narrower; 0: leaves them. */
  readonly mergeBridge_px: number;
  /** The channel whose structure new masks outline; null: the whole cell. Masks of another channel are not touched. */
  readonly channel: number | null;
  /** Cells of these classes (ids) are left as they are by every tool. */
  readonly lockedClasses: readonly string[];
  /** What is drawn new is marked "not for training". */
  readonly ignoring: boolean;
  /** Frames that swap, merge, delete, new id and re-assign reach when the command names none. */
  readonly scope: Scope;
  /** Fill: only what is joined to the click, or all of the same label in the plane. */
  readonly fillContiguous: boolean;
  /** Fill: this plane alone, or through the planes above and below. */
  readonly fillThrough: "plane" | "stack";
  /** Fill: pixels that only touch at corners are joined. */
  readonly fillDiagonal: boolean;
  /** Grow, shrink and smooth: by how many pixels, 1 to 100. */
  readonly shape_px: number;
  readonly smoothBy: "median" | "opening-closing";
  /** Remove small: pieces and cells with fewer pixels than this. */
  readonly smallest_px: number;
  /** Copy and propagate: what the cell already has in the other frame is replaced. */
  readonly copyOverwrites: boolean;
  /** Propagate: over how many frames, 1 to 50. */
  readonly propagateFrames: number;
  /** Click to segment: whether a plain click says what is the cell or what is not. */
  readonly promptSays: "cell" | "outside";
}

export interface ChannelView {
  readonly name: string;
  readonly color: string;
  readonly visible: boolean;
  /** Grey value shown black, and shown as full colour. */
  readonly min: number;
  readonly max: number;
  readonly gamma: number;
  readonly invert: boolean;
}

export type ColourBy = "cell" | "class" | "track" | "quality";

export type CellNames = "none" | "number" | "class";

/** Colours of labels: `clear` for most, `strong` on bright pictures, `blue-orange` for those who see neither red nor green, `grey`. */
export type PaletteName = "clear" | "strong" | "blue-orange" | "grey";

export interface OverlayView {
  /** All labels on or off. */
  readonly visible: boolean;
  /** 0 to 1 */
  readonly fillOpacity: number;
  readonly outlines: boolean;
  readonly colourBy: ColourBy;
  /** Pixel grid at zoom 16 and above; values of the pixels where they can be read. */
  readonly grid: boolean;
  /** Written on the cells, where no more than 400 are in view. */
  readonly names: CellNames;
  readonly palette: PaletteName;
  /** Cells that are not selected are grey, so that the selected ones stand out. */
  readonly highlight?: boolean;
}

export interface Camera {
  /** Image point (px) in the middle of the canvas. */
  readonly x: number;
  readonly y: number;
  /** CSS pixels per image pixel, 0.01 to 64. */
  readonly zoom: number;
}

export interface Hover {
  /** Pixel under the pointer. */
  readonly x: number;
  readonly y: number;
  /** Value per channel; null while the full-resolution tile is not here. */
  readonly values: readonly (number | null)[];
  /** Every cell that holds this pixel. */
  readonly cells: readonly number[];
}

/** All that a deep link needs. JSON-safe. */
export interface Place {
  readonly t: number;
  readonly z: number;
  readonly camera: Camera;
  readonly channels: readonly ChannelView[];
  readonly selected: readonly number[];
  /** Left out by older links: the person's own taste then. */
  readonly overlay?: OverlayView;
  /** Where orthogonal views cross, image px. */
  readonly crosshair?: Point;
}

export interface Loading {
  /** Tiles and frames of the present view not yet here. */
  readonly pixels: number;
  readonly labels: number;
  /** 1 when all is here. */
  readonly fraction: number;
}

export interface Notice {
  /** A sentence: what, where, what to do. */
  readonly text: string;
  readonly kind: "refused" | "failed";
  /** Counts up, so that the same sentence twice is two notices. */
  readonly number: number;
}

/** What is drawn of a gesture before it becomes an edit; image px. */
export type DraftShape =
  | { readonly kind: "path"; readonly points: readonly Point[]; readonly closed: boolean }
  | { readonly kind: "box" | "ellipse"; readonly from: Point; readonly to: Point }
  | { readonly kind: "dot"; readonly at: Point; readonly sign: 1 | -1 | 0 };

/** Pixels that somebody, or something, proposes for a cell. Nothing of it is in the labels yet. */
export interface Proposal {
  readonly key: number;
  readonly t: number;
  readonly z: number;
  /** The cell that gets the pixels; null: a new one. */
  readonly cell: number | null;
  readonly runs: Runs;
  /** Pixels that leave cells when this is accepted (a split, an autofit): cell → runs. */
  readonly takes?: ReadonlyMap<number, Runs>;
  /** 0 to 1, where the proposer knows. */
  readonly quality?: number;
}

/** What was said of one object in click-to-segment. Its proposal has the same key. */
export interface PromptOf {
  readonly key: number;
  readonly clicks: readonly Click[];
  readonly box: PromptBox | null;
  /** The cell that gets the mask; null: a new one. */
  readonly cell: number | null;
  /** Further clicks belong to another object. */
  readonly done: boolean;
}

/** A gesture under way: drawn over the picture, accepted with Enter, dropped with Esc. */
export interface Draft {
  /** Who made it: it alone goes on with it. */
  readonly tool: ToolName | "autofit" | "interpolate" | "propagate";
  readonly shapes: readonly DraftShape[];
  readonly proposals: readonly Proposal[];
  /** A sentence for the status line: what to do next. */
  readonly hint: string | null;
  /** Something is being computed. */
  readonly waiting: boolean;
  /** The cell whose outline is being edited. */
  readonly cell?: number;
  /** Click-to-segment: what was said so far; the last is the one that further clicks belong to. */
  readonly prompts?: readonly PromptOf[];
}

/** Somebody else at work on the same labels: a cursor, and the cells that they hold softly. */
export interface Other {
  /** One tab of one person. */
  readonly key: string;
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
  /** Their pointer, in image px; null when it is not over the picture. */
  readonly at: Point | null;
  readonly t: number;
  readonly z: number;
  /** Cells that they have selected or are drawing. */
  readonly cells: readonly number[];
}

/** A place shown in the picture: where the pointer is in a linked pane, or where three planes meet. */
export interface Crosshair {
  readonly at: Point;
  /** `pointer`: a small cross. `planes`: lines through the whole picture. */
  readonly kind: "pointer" | "planes";
}

export interface EditorState {
  /** Null before `load`. */
  readonly document: LabelDocument | null;
  /** Labels and facts of the present frame are here: tools work. */
  readonly editable: boolean;
  readonly t: number;
  readonly z: number;
  readonly camera: Camera;
  readonly tool: ToolName;
  readonly toolOptions: ToolOptions;
  /** First is the one that the brush writes; an id may have no pixels yet. */
  readonly selected: readonly number[];
  readonly hover: Hover | null;
  /** The cursor that keys move, image px; null while a mouse, pen or finger points. */
  readonly cursor: Point | null;
  readonly channels: readonly ChannelView[];
  readonly overlay: OverlayView;
  readonly loading: Loading;
  /** Edits that can be undone and redone, as far as they have been read. */
  readonly undoCount: number;
  /** The server's log may hold older edits that can be undone. */
  readonly hasOlder: boolean;
  readonly redoCount: number;
  /** A gesture is under way. */
  readonly busy: boolean;
  readonly draft: Draft | null;
  readonly others: readonly Other[];
  readonly crosshair: Crosshair | null;
  /** Counts every change of labels, own or remote: a key for lists made by `cells()`. */
  readonly labelsVersion: number;
  /** Newest server revision known for the present frame. */
  readonly head: number;
  readonly notice: Notice | null;
  readonly place: Place;
}

// ---------------------------------------------------------------- what can be asked

/**
 * `frame`: the present (t, z). `past` and `future`: it and all frames before, or after, with all their planes; in a
 * stack that is no movie, the planes below or above. `everywhere`: all frames. Read first where they are not here.
 */
export type Scope = TimeScope;

export type Command = LabelCommand | CellCommand | TraceCommand | ShapeCommand | GuidedCommand | HistoryCommand | PromptCommand | ProposalCommand | SeriesCommand | TrackCommand | ViewCommand;

/** One key of the map: `Ctrl+Shift+Z`, `[`, `Backspace`, `Shift+A`. Ctrl also means Cmd. */
export interface KeyBinding {
  readonly keys: string;
  /** Name of an action of the editor (see ACTIONS), or of the host. */
  readonly action: string;
}
export type Keymap = readonly KeyBinding[];

export type ActionGroup = "Tools" | "Cells" | "Tracks" | "Proposals" | "View" | "Channels" | "Frames" | "History" | "Work";

/** For the `?` overlay and the command palette. */
export interface ActionInfo {
  readonly action: string;
  readonly title: string;
  readonly group: ActionGroup;
  /** The host answers it through `onAction`. */
  readonly host?: boolean;
}

/** Labels made elsewhere: another person, another tab, the server after a rebase. */
export type RemoteChange =
  /** An edit that the server has numbered, to be laid over what is here. */
  | { readonly kind: "edit"; readonly edit: Edit; readonly number?: number }
  /** Tiles of a frame changed since a revision (or all of them), and own edits that the server has not numbered yet, in order. */
  | {
      readonly kind: "frame";
      readonly t: number;
      readonly z: number;
      readonly frame: Frame;
      /** False: only changed tiles are in `frame`. True: tiles not in it are empty. */
      readonly complete: boolean;
      readonly pending: readonly Edit[];
    }
  /** All cells of the branch as the server has them now, and own edits that it has not numbered yet. */
  | { readonly kind: "facts"; readonly cells: readonly CellRecord[]; readonly pending: readonly Edit[] };

/** Binned grey values of what is loaded of one channel in the present frame. */
export interface Histogram {
  readonly counts: Uint32Array;
  readonly min: number;
  readonly max: number;
}

export interface Editor {
  /** A new picture; history goes on from `document.past`. */
  load(document: LabelDocument): void;
  setTool(tool: ToolName, options?: Partial<ToolOptions>): void;
  /** Buttons, keys and tests use the same way in. */
  dispatch(command: Command): void;
  /** Does the editor's action of this name (see ACTIONS); false when it has none. */
  act(action: string): boolean;
  undo(): void;
  redo(): void;
  /** Immutable; the same object until something changed. */
  state(): EditorState;
  subscribe(listener: () => void): () => void;
  /** Called once for each own change of labels, undo and redo included, in order. */
  onCommit(listener: (edit: Edit) => void): () => void;
  /**
   * Lays other people's work under one's own. Answers own pending edits as they must now be sent: exact against the
   * new base, those that have become empty left out. Never calls `onCommit`, never enters the undo history.
   */
  applyRemote(change: RemoteChange): readonly Edit[];
  /** The server has numbered own edits; `changed`: as they are in its log, for they followed others' moves. */
  landed(edits: readonly Edit[], number: number, changed?: boolean): void;
  /** Frames in which a cell has pixels, ascending, own unsent edits included. */
  framesOf(cell: number): readonly number[];
  /** Cells whose mother this is, and cells that merge into it. */
  kinOf(cell: number): { readonly daughters: readonly number[]; readonly merged: readonly number[] };
  /** Own edits that were given up (another's version was taken instead): they leave the undo history. */
  forget(edits: readonly Edit[]): void;
  /** Who else is in this picture, drawn over it; replaces what was said before. */
  setOthers(others: readonly Other[]): void;
  setKeymap(keymap: Keymap): void;
  /** What mouse, pen and fingers do beyond what the tools say. */
  setHabits(habits: Habits): void;
  /** Cells with pixels in a frame that is here (default: the present one), ascending id; [] when it is not here. */
  cells(at?: { readonly t: number; readonly z: number }): readonly CellMeasure[];
  /** One cell of the present frame, at the cost of that cell; null when it has no pixel in it. */
  measure(cell: number): CellMeasure | null;
  /** Facts of a cell; null when it does not exist. */
  facts(cell: number): CellFacts | null;
  /** Whose facts may have changed since a mark that was answered before (null: since ever). */
  factsTouched(since: FactMark | null): FactsTouched;
  /** Labels of a frame as they are here, own unsent edits included; null when it is not here. */
  labelsAt(t: number, z: number): Frame | null;
  /** Red, green, blue (0 to 255) of a cell in the chosen way of colouring. */
  colourOf(cell: number): readonly [number, number, number];
  /** Cells at an image pixel of the present frame. */
  pick(x: number, y: number): readonly number[];
  /** From client coordinates (as in pointer events) to image pixels. */
  toImage(client_x: number, client_y: number): Point;
  /** From image pixels to CSS pixels within the canvas, for things that the host pins to the picture. */
  toCanvas(point: Point): Point;
  histogram(channel: number): Histogram | null;
  /** Resolves when everything asked for is here and drawn: for tests and screenshots. */
  settled(): Promise<void>;
  destroy(): void;
}
