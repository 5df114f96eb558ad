/** The first click chooses the cell that stays, every further click gives another cell to it. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const merge: Tool = {
  cursor: "copy",
  pen: null,
  tell(story) {
    if (!isClick(story)) return panBy(story);
    return [story.ctrl ? { kind: "select.at", at: story.from, add: false } : { kind: "cell.merge-at", at: story.from }];
  },
};
