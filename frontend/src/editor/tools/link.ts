/** Choose a cell, go to the next frame, click what it has become there. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const link: Tool = {
  cursor: "cell",
  pen: null,
  tell(story) {
    if (!isClick(story)) return panBy(story);
    return [story.ctrl ? { kind: "select.at", at: story.from, add: false } : { kind: "track.link-at", at: story.from }];
  },
};
