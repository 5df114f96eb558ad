/** A click deletes the cell under the pointer. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const remove: Tool = {
  cursor: "not-allowed",
  pen: null,
  tell(story, around) {
    if (!isClick(story)) return panBy(story);
    const [cell] = around.cellsAt(story.from);
    return cell === undefined ? [] : [{ kind: "cell.delete", cells: [cell] }];
  },
};
