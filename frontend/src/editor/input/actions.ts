/** Actions: what a key, a button or the command palette can name. */
import type { WriteMode } from "../core/frame-writer";
import type { ActionInfo, Command, EditorState, ToolName } from "../door";

interface Action extends ActionInfo {
  /** Null when there is nothing to do now. */
  readonly command?: (state: EditorState) => Command | null;
}

type Group = ActionInfo["group"];

const does = (group: Group, action: string, title: string, command: (state: EditorState) => Command | null): Action => ({ action, title, group, command });
const hosts = (action: string, title: string): Action => ({ action, title, group: "Work", host: true });

const tool = (name: ToolName, title: string): Action => does("Tools", `tool.${name}`, title, () => ({ kind: "tool", tool: name }));

const MODES: readonly WriteMode[] = ["keep", "overwrite", "overlap"];
const nextMode = (mode: WriteMode): WriteMode => MODES[(MODES.indexOf(mode) + 1) % MODES.length];

/** The channel that keys act on: the first that is shown. */
const leading = (state: EditorState): number => Math.max(0, state.channels.findIndex((channel) => channel.visible));

const swap = ({ selected: [a, b] }: EditorState): Command | null =>
  a === undefined || b === undefined ? null : { kind: "cell.swap", a, b };

const invert = (state: EditorState): Command => {
  const channel = leading(state);
  return { kind: "channel.set", channel, view: { invert: !state.channels[channel]?.invert } };
};

const toggle = (n: number) => (state: EditorState): Command | null => {
  const channel = state.channels[n - 1];
  return channel ? { kind: "channel.set", channel: n - 1, view: { visible: !channel.visible } } : null;
};

const centre = ({ selected: [cell] }: EditorState): Command | null =>
  cell === undefined ? null : { kind: "camera.centre", cell };

const TABLE: readonly Action[] = [
  tool("select", "Select"),
  tool("brush", "Brush"),
  tool("eraser", "Eraser"),
  does("Tools", "tool.toggle-eraser", "Swap brush and eraser", (s) => ({ kind: "tool", tool: s.tool === "eraser" ? "brush" : "eraser" })),
  tool("fill", "Fill"),
  tool("merge", "Merge"),
  tool("delete", "Delete by clicking"),
  tool("pan", "Pan; hold to hide labels"),
  does("Tools", "brush.larger", "Larger brush", () => ({ kind: "brush.resize", factor: 1.2 })),
  does("Tools", "brush.smaller", "Smaller brush", () => ({ kind: "brush.resize", factor: 1 / 1.2 })),
  does("Tools", "mode.next", "Next write mode", (s) => ({ kind: "tool.options", options: { writeMode: nextMode(s.toolOptions.writeMode) } })),
  does("Cells", "cell.new", "New cell", () => ({ kind: "cell.new" })),
  does("Cells", "cell.swap", "Swap the two selected cells", swap),
  does("Cells", "cell.delete", "Delete the selected cells", () => ({ kind: "cell.delete" })),
  does("Cells", "cell.fill-holes", "Fill holes of the selected cell", () => ({ kind: "cell.fill-holes" })),
  does("Cells", "cell.centre", "Go to the selected cell", centre),
  does("Cells", "select.next", "Next cell", () => ({ kind: "select.step", by: 1 })),
  does("Cells", "select.previous", "Previous cell", () => ({ kind: "select.step", by: -1 })),
  does("Cells", "select.none", "Cancel the gesture, or select nothing", (s) => (s.busy ? { kind: "gesture.cancel" } : { kind: "select", cells: [] })),
  does("Frames", "frame.next", "Next frame", () => ({ kind: "frame.step", t: 1 })),
  does("Frames", "frame.previous", "Previous frame", () => ({ kind: "frame.step", t: -1 })),
  does("Frames", "plane.next", "Next z plane", () => ({ kind: "frame.step", z: 1 })),
  does("Frames", "plane.previous", "Previous z plane", () => ({ kind: "frame.step", z: -1 })),
  does("Channels", "channel.next", "Next channel alone", () => ({ kind: "channel.solo", by: 1 })),
  does("Channels", "channel.previous", "Previous channel alone", () => ({ kind: "channel.solo", by: -1 })),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => does("Channels", `channel.toggle-${n}`, `Channel ${n} on or off`, toggle(n))),
  does("Channels", "channel.auto", "Automatic contrast", () => ({ kind: "channel.auto" })),
  does("Channels", "channel.invert", "Invert the channel", invert),
  does("Channels", "channel.reset", "Reset contrast", () => ({ kind: "channel.reset" })),
  does("View", "labels.toggle", "Labels on or off", (s) => ({ kind: "overlay.set", overlay: { visible: !s.overlay.visible } })),
  does("View", "outlines.toggle", "Outlines on or off", (s) => ({ kind: "overlay.set", overlay: { outlines: !s.overlay.outlines } })),
  does("View", "view.fit", "Whole picture", () => ({ kind: "camera.fit" })),
  does("View", "view.closer", "Zoom in", () => ({ kind: "camera.zoom", factor: 1.5 })),
  does("View", "view.farther", "Zoom out", () => ({ kind: "camera.zoom", factor: 1 / 1.5 })),
  does("History", "undo", "Undo", () => ({ kind: "undo" })),
  does("History", "redo", "Redo", () => ({ kind: "redo" })),
  hosts("task.approve", "Submit or accept"),
  hosts("task.return", "Send back"),
  hosts("task.next", "Next task"),
  hosts("note.pin", "Pin a note"),
  hosts("palette.open", "Command palette"),
  hosts("help.open", "Keys"),
];

const BY_NAME = new Map(TABLE.map((action) => [action.action, action]));

export const ACTIONS: readonly ActionInfo[] = TABLE.map(({ action, title, group, host }) => ({ action, title, group, ...(host && { host }) }));

/** Undefined: no action of the editor has this name. Null: nothing to do now. */
export function commandFor(action: string, state: EditorState): Command | null | undefined {
  return BY_NAME.get(action)?.command?.(state);
}
