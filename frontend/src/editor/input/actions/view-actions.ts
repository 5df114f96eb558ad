/** What is looked at: frames, channels, overlay, camera. */
import type { Command, EditorState } from "@/editor/door";
import { does } from "./action";
import type { Action } from "./action";

/** The channel that keys act on: the first that is shown. */
const leading = (state: EditorState): number => Math.max(0, state.channels.findIndex((channel) => channel.visible));

const invert = (state: EditorState): Command => {
  const channel = leading(state);
  return { kind: "channel.set", channel, view: { invert: !state.channels[channel]?.invert } };
};

const toggle = (n: number) => (state: EditorState): Command | null => {
  const channel = state.channels[n - 1];
  return channel ? { kind: "channel.set", channel: n - 1, view: { visible: !channel.visible } } : null;
};

export const VIEW_ACTIONS: readonly Action[] = [
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
  does("View", "labels.highlight", "Highlight the selected cells", (s) => ({ kind: "overlay.set", overlay: { highlight: !s.overlay.highlight } })),
  does("View", "view.fit", "Whole picture", () => ({ kind: "camera.fit" })),
  does("View", "view.closer", "Zoom in", () => ({ kind: "camera.zoom", factor: 1.5 })),
  does("View", "view.farther", "Zoom out", () => ({ kind: "camera.zoom", factor: 1 / 1.5 })),
  does("View", "cursor.toggle", "Point with the keys: arrows move, Space clicks, Shift+Space holds", () => ({ kind: "cursor.toggle" })),
];
