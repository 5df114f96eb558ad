/** Moves the picture. */
import { panBy } from "./tool";
import type { Tool } from "./tool";

export const pan: Tool = { cursor: "grab", pen: null, tell: panBy };
