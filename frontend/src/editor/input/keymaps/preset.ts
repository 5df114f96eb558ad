/** A map of keys by what differs from the house's own, and the habits of hands that go with it. */
import type { Habits } from "../habits";
import type { KeysByAction } from "../keymap";

export type PresetName = "cytoloop" | "deepcell-label" | "napari" | "cellpose" | "qupath" | "cvat";

export interface Preset {
  readonly name: PresetName;
  readonly title: string;
  /** What is different, in a sentence. */
  readonly note: string;
  readonly keys: KeysByAction;
  readonly habits: Habits;
}
