/** A click places a disc of the diameter in the settings. Shift takes it away, Ctrl picks a cell; a drag moves the picture. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const point: Tool = {
  cursor: "crosshair",
  pen: null,
  tell(story) {
    if (!isClick(story)) return panBy(story);
    if (story.ctrl) return [{ kind: "select.at", at: story.from, add: story.shift }];
    return [{ kind: "shape.place", shape: "point", at: story.from, subtract: story.shift }];
  },
};
