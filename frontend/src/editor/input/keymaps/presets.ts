/** Every preset, and the map that a person has: a preset with changes of their own. */
import type { Keymap } from "@/editor/door";
import { DEFAULT_HABITS } from "../habits";
import { rebound } from "../keymap";
import type { KeysByAction } from "../keymap";
import { CELLPOSE } from "./cellpose";
import { CVAT } from "./cvat";
import { DEEPCELL_LABEL } from "./deepcell-label";
import { DEFAULT_KEYMAP } from "./default";
import { NAPARI } from "./napari";
import type { Preset } from "./preset";
import { QUPATH } from "./qupath";

export const CYTOLOOP: Preset = {
  name: "cytoloop",
  title: "Cytoloop",
  note: "Letters under the left hand, close to DeepCell Label.",
  keys: {},
  habits: DEFAULT_HABITS,
};

export const PRESETS: readonly Preset[] = [CYTOLOOP, DEEPCELL_LABEL, NAPARI, CELLPOSE, QUPATH, CVAT];

/** An unknown name (a preset that is no more) is the house's own. */
export const presetNamed = (name: string): Preset => PRESETS.find((preset) => preset.name === name) ?? CYTOLOOP;

export const keymapOf = (preset: Preset): Keymap => rebound(DEFAULT_KEYMAP, preset.keys);

/** A preset with a person's own changes on top: those take their keys from whoever had them, and nobody moves for them. */
export function ownKeymap(preset: string, own: KeysByAction): Keymap {
  const claimed = new Set(Object.values(own).flat());
  const kept = keymapOf(presetNamed(preset)).filter(({ action, keys }) => !(action in own) && !claimed.has(keys));
  return [...kept, ...Object.entries(own).flatMap(([action, keys]) => keys.map((key) => ({ keys: key, action })))];
}

/** In class mode the digits say what the selected cells are. */
export function withClassKeys(keymap: Keymap): Keymap {
  const digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
  const kept = keymap.filter(({ keys }) => !digits.includes(keys));
  return [...kept, ...digits.map((keys) => ({ keys, action: keys === "0" ? "class.none" : `class.assign-${keys}` }))];
}
