/** A click fills: holes of the selected cell, or the region under the pointer. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const fill: Tool = {
  cursor: "crosshair",
  pen: null,
  tell: (story) => (isClick(story) ? [{ kind: "fill", at: story.from }] : panBy(story)),
};
