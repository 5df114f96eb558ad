/** A click deletes the cell under the pointer. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const remove: Tool = {
  cursor: "not-allowed",
  pen: null,
  tell: (story) => (isClick(story) ? [{ kind: "cell.delete-at", at: story.from }] : panBy(story)),
};
