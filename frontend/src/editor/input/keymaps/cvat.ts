/** Hands that know CVAT or Label Studio. Where both say something, each kept what the other does not use. */
import { DEFAULT_HABITS } from "../habits";
import type { Preset } from "./preset";

export const CVAT: Preset = {
  name: "cvat",
  title: "CVAT / Label Studio",
  note: "D and F step frames, N begins and finishes a shape, Ctrl+Enter accepts proposals and then the task, Alt+. walks the cells.",
  keys: {
    "frame.previous": ["D", "Left"],
    "frame.next": ["F", "Right"],
    "cell.new-or-finish": ["N"],
    "cell.delete": ["Delete", "Backspace"],
    "select.next": ["Alt+.", ")", "Tab"],
    "select.previous": ["Alt+,", "(", "Shift+Tab"],
    "labels.toggle": ["Alt+H", "Z"],
    "proposal.accept-or-approve": ["Ctrl+Enter"],
    "help.open": ["F1", "?"],
  },
  habits: DEFAULT_HABITS,
};
