/** Hands that know the Cellpose window: the mouse draws, deletes and merges; letters choose what is shown. */
import { DEFAULT_HABITS } from "../habits";
import type { Preset } from "./preset";

export const CELLPOSE: Preset = {
  name: "cellpose",
  title: "Cellpose",
  note: "Right drag draws a new cell, Ctrl+click deletes, Alt+click merges, the wheel steps planes; A and D change the image, X and Z show masks and outlines.",
  keys: {
    "brush.larger": ["."],
    "brush.smaller": [","],
    "cell.centre": ["Alt+."],
    "image.previous": ["A"],
    "image.next": ["D"],
    "frame.previous": ["Left"],
    "frame.next": ["Right"],
    "channel.previous": ["W"],
    "channel.next": ["S"],
    "channel.toggle-1": ["R", "1"],
    "channel.toggle-2": ["G", "2"],
    "channel.toggle-3": ["B", "3"],
    "tool.watershed": ["Alt+Shift+W"],
    "labels.toggle": ["X"],
    "outlines.toggle": ["Z"],
    "undo": ["Ctrl+Z"],
    "help.open": ["Ctrl+H", "?"],
  },
  habits: { ...DEFAULT_HABITS, right: "draw", ctrlClick: "delete", altClick: "merge", wheel: "planes" },
};
