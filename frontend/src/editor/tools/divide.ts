/** Choose the mother, go to the frame after her division, click her daughters one after the other. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const divide: Tool = {
  cursor: "cell",
  pen: null,
  tell(story) {
    if (!isClick(story)) return panBy(story);
    return [story.ctrl ? { kind: "select.at", at: story.from, add: false } : { kind: "track.daughter-at", at: story.from }];
  },
};
