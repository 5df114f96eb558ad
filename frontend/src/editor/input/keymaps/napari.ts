/** Hands that know napari's labels layer, and micro-sam where it adds keys to it. */
import { DEFAULT_HABITS } from "../habits";
import type { Preset } from "./preset";

export const NAPARI: Preset = {
  name: "napari",
  title: "napari",
  note: "Digits choose tools (channels are Alt+digit), M is a new label, - and = walk the labels, T and C prompt and commit as in micro-sam.",
  keys: {
    "tool.eraser": ["1"],
    "tool.brush": ["2"],
    "tool.polygon": ["3"],
    "tool.fill": ["4"],
    "tool.select": ["5"],
    "tool.pan": ["Space", "6"],
    "brush.larger": ["]"],
    "brush.smaller": ["["],
    "cell.new": ["M"],
    "select.next": ["=", ")", "Tab"],
    "select.previous": ["-", "(", "Shift+Tab"],
    "frame.next": ["Right", "D"],
    "frame.previous": ["Left", "A"],
    "plane.next": ["Up", "Shift+D"],
    "plane.previous": ["Down", "Shift+A"],
    "view.closer": ["+", "Alt+="],
    "view.farther": ["_", "Alt+-"],
    "labels.toggle": ["V"],
    "tool.prompt": ["F"],
    "tool.toggle-prompt": ["T"],
    "proposal.accept": ["C", "Enter"],
    "palette.open": ["Ctrl+Shift+P", "Ctrl+K"],
  },
  habits: DEFAULT_HABITS,
};
