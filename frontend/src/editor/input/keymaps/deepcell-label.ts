/** Hands that know DeepCell Label: brackets walk the cells, arrows size the brush. */
import { DEFAULT_HABITS } from "../habits";
import type { Preset } from "./preset";

export const DEEPCELL_LABEL: Preset = {
  name: "deepcell-label",
  title: "DeepCell Label",
  note: "[ and ] walk the cells, Up and Down size the brush.",
  keys: {
    "brush.larger": ["Up"],
    "brush.smaller": ["Down"],
    "select.next": ["]", ")", "Tab"],
    "select.previous": ["[", "(", "Shift+Tab"],
  },
  habits: DEFAULT_HABITS,
};
