/** Which settings each tool and action has: names, units and ranges, so that a page can show them without knowing them. */
import type { ToolName, ToolOptions } from "./door";

/** Keys of ToolOptions whose value is of a kind. */
type KeyOf<V> = { [K in keyof ToolOptions]: ToolOptions[K] extends V ? K : never }[keyof ToolOptions];

interface Named<K extends keyof ToolOptions> {
  readonly key: K;
  readonly title: string;
  /** A sentence for the tooltip. */
  readonly about?: string;
  /** Shown only while this holds. */
  readonly when?: (options: ToolOptions) => boolean;
}

export interface NumberSetting extends Named<KeyOf<number>> {
  readonly kind: "number";
  /** `px` are image pixels; "" has no unit. */
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface ToggleSetting extends Named<KeyOf<boolean>> {
  readonly kind: "toggle";
}

export interface ChoiceSetting extends Named<KeyOf<string>> {
  readonly kind: "choice";
  readonly choices: readonly { readonly value: string; readonly title: string }[];
}

/** A choice among the document's channels (their numbers as values), after the ones named here. */
export interface ChannelSetting extends Named<KeyOf<number | string | null>> {
  readonly kind: "channel";
  readonly choices: readonly { readonly value: string | null; readonly title: string }[];
}

export type ToolSetting = NumberSetting | ToggleSetting | ChoiceSetting | ChannelSetting;

const number = (key: NumberSetting["key"], title: string, unit: string, [min, max, step]: readonly [number, number, number], more: Partial<NumberSetting> = {}): NumberSetting =>
  ({ kind: "number", key, title, unit, min, max, step, ...more });

const toggle = (key: ToggleSetting["key"], title: string, more: Partial<ToggleSetting> = {}): ToggleSetting => ({ kind: "toggle", key, title, ...more });

const choice = (key: ChoiceSetting["key"], title: string, choices: Readonly<Record<string, string>>, more: Partial<ChoiceSetting> = {}): ChoiceSetting =>
  ({ kind: "choice", key, title, choices: Object.entries(choices).map(([value, name]) => ({ value, title: name })), ...more });

const BRUSH = number("brush_px", "Diameter", "px", [1, 500, 1]);
const MODE = choice("writeMode", "Other cells", { keep: "Keep", overwrite: "Overwrite", overlap: "Overlap" }, { about: "What happens to pixels that belong to other cells." });
const GUIDE: ToolSetting = {
  kind: "channel", key: "guide", title: "Look at", about: "Whose grey values the tool follows.",
  choices: [{ value: "first", title: "First shown" }, { value: "shown", title: "All shown" }],
};
const SMOOTHING = number("smoothing_px", "Smoothing", "px", [0, 10, 0.5], { about: "Standard deviation of the Gaussian before the tool looks." });
const SHAPES_MAKE = toggle("shapesMakeCells", "Each one a new cell");
const WIDTH = number("shapeWidth_px", "Width", "px", [1, 2000, 1], { about: "Size of one that is placed with a click." });
const HEIGHT = number("shapeHeight_px", "Height", "px", [1, 2000, 1], { about: "Size of one that is placed with a click." });

const METHODS = { otsu: "Otsu", triangle: "Triangle", li: "Li", percentile: "Percentile", local: "Local mean", value: "Grey value" };

/** In the order in which they are shown. Tools not named have none. */
export const TOOL_SETTINGS: Readonly<Partial<Record<ToolName, readonly ToolSetting[]>>> = {
  brush: [BRUSH, MODE],
  eraser: [BRUSH, choice("erase", "Erases", { selected: "Selected cell", any: "Any cell" })],
  fill: [
    MODE,
    toggle("fillContiguous", "Joined to the click only"),
    choice("fillThrough", "Through", { plane: "This plane", stack: "The stack" }),
    toggle("fillDiagonal", "Corners join"),
  ],
  merge: [toggle("mergeFillsHoles", "Fill holes"), number("mergeBridge_px", "Close gaps up to", "px", [0, 50, 1])],
  polygon: [MODE, SHAPES_MAKE, number("outlineTolerance_px", "Outline detail", "px", [0, 5, 0.25], { about: "How far the polygon may leave the pixels when an outline is opened." })],
  lasso: [MODE, SHAPES_MAKE],
  magnetic: [GUIDE, SMOOTHING, number("magnetPull", "Pull", "", [0, 10, 1], { about: "How strongly the line clings to edges." }), MODE, SHAPES_MAKE],
  box: [WIDTH, HEIGHT, MODE, SHAPES_MAKE],
  ellipse: [WIDTH, HEIGHT, MODE, SHAPES_MAKE],
  point: [number("point_px", "Diameter", "px", [1, 500, 1]), toggle("pointsMakeCells", "Each one a new cell"), MODE],
  threshold: [
    choice("thresholdMethod", "Threshold", METHODS),
    number("thresholdPercentile", "Percentile", "%", [0, 100, 0.5], { when: (o) => o.thresholdMethod === "percentile" }),
    number("thresholdValue", "Grey value", "", [-1e9, 1e9, 1], { when: (o) => o.thresholdMethod === "value" }),
    number("thresholdLocal_px", "Neighbourhood", "px", [3, 501, 2], { when: (o) => o.thresholdMethod === "local" }),
    choice("thresholdSide", "Cells are", { bright: "Bright", dark: "Dark" }),
    choice("thresholdMakes", "Makes", { pieces: "A cell a piece", one: "One cell" }),
    number("thresholdSmallest_px", "Smallest piece", "px²", [0, 100000, 1]),
    toggle("thresholdFillsHoles", "Fill holes"),
    GUIDE, SMOOTHING, MODE,
  ],
  watershed: [choice("watershedOn", "Divide by", { auto: "Automatic", grey: "Grey values", shape: "Shape" }), GUIDE, SMOOTHING],
  prompt: [choice("promptSays", "A click says", { cell: "The cell", outside: "Not the cell" }, { about: "The right button, Shift or Alt say the other." }), MODE],
  wand: [number("wandTolerance", "Tolerance", "% of contrast", [0, 100, 0.5], { about: "Drag right for more, left for less." }), toggle("wandFillsHoles", "Fill holes"), GUIDE, SMOOTHING, MODE],
};

/** Settings that hold for whatever is drawn. */
export const GENERAL_SETTINGS: readonly ToolSetting[] = [
  { kind: "channel", key: "channel", title: "Masks of", about: "The channel whose structure new masks outline; masks of other channels are not touched.", choices: [{ value: null, title: "Whole cells" }] },
  toggle("ignoring", "Not for training", { about: "What is drawn new is marked as nothing to learn from." }),
];

const STEP = number("shape_px", "By", "px", [1, 100, 1]);
const COPY = toggle("copyOverwrites", "Replace what is there");

/** Settings of actions that are no tool, by the action's name. */
export const ACTION_SETTINGS: Readonly<Record<string, readonly ToolSetting[]>> = {
  "cell.grow": [STEP],
  "cell.shrink": [STEP],
  "cell.smooth": [STEP, choice("smoothBy", "By", { median: "Median", "opening-closing": "Opening and closing" })],
  "cell.remove-small": [number("smallest_px", "Smaller than", "px²", [1, 100000, 1])],
  "cell.copy-next": [COPY],
  "cell.copy-previous": [COPY],
  "cell.propagate": [number("propagateFrames", "Frames", "", [1, 50, 1]), COPY],
  "cell.autofit": [number("autofitReach_px", "Reach", "px", [1, 40, 1], { about: "How far the outline may move." }), number("autofitStiffness", "Stiffness", "", [0, 10, 1]), number("autofitOffset_px", "Outside the edge", "px", [-5, 5, 0.25]), GUIDE, MODE],
};
