/** One number through time: click the cell, the next frame comes, click it again. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const follow: Tool = {
  cursor: "crosshair",
  pen: null,
  tell(story) {
    if (!isClick(story)) return panBy(story);
    return [story.ctrl ? { kind: "select.at", at: story.from, add: false } : { kind: "follow.click", at: story.from }];
  },
};
