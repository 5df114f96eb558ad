/** A click selects (with Shift: adds), Ctrl+click deletes, a drag moves the picture. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const select: Tool = {
  cursor: "default",
  pen: null,
  tell(story, around) {
    if (!isClick(story)) return panBy(story);
    const cell = around.cellsAt(story.from)[0];
    if (story.ctrl && cell !== undefined) return [{ kind: "cell.delete", cells: [cell] }];
    return [{ kind: "select.at", at: story.from, add: story.shift }];
  },
};
