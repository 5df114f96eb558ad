/** The first click chooses the cell that stays, every further click gives another cell to it. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const merge: Tool = {
  cursor: "copy",
  pen: null,
  tell(story, around) {
    if (!isClick(story)) return panBy(story);
    const [into] = around.state.selected;
    const under = around.cellsAt(story.from);
    const from = under.find((cell) => cell !== into);
    if (into === undefined || from === undefined || story.ctrl) return [{ kind: "select.at", at: story.from, add: false }];
    return [{ kind: "cell.merge", into, from: [from] }];
  },
};
