/** Hands that know QuPath: M moves, W is the wand, Alt turns the brush around. */
import { DEFAULT_HABITS } from "../habits";
import type { Preset } from "./preset";

export const QUPATH: Preset = {
  name: "qupath",
  title: "QuPath",
  note: "W is the wand (watershed is Alt+W), M selects and moves, Alt with the brush erases, the right button shows the menu, F and H show masks and outlines.",
  keys: {
    "tool.select": ["M", "V"],
    "tool.brush": ["B"],
    "tool.polygon": ["P"],
    "tool.wand": ["W"],
    "tool.watershed": ["Alt+W"],
    "cell.delete": ["Delete", "Backspace"],
    "labels.toggle": ["F"],
    "outlines.toggle": ["H"],
    "contrast.open": ["Shift+C"],
    "palette.open": ["Ctrl+L", "Ctrl+K"],
    "cell.lock": ["Ctrl+Shift+L"],
  },
  habits: { ...DEFAULT_HABITS, right: "menu", altDrag: "erase" },
};
