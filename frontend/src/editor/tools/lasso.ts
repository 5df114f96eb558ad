/** A drag draws around a cell; the release closes the loop. Shift takes away, Ctrl+click picks a cell. */
import { isClick } from "./tool";
import type { Tool } from "./tool";

export const lasso: Tool = {
  cursor: "crosshair",
  pen: null,
  tell(story) {
    if (story.kind === "down") return story.ctrl ? [{ kind: "select.at", at: story.at, add: story.shift }] : [{ kind: "lasso.begin", at: story.at }];
    if (story.kind === "move") return [{ kind: "lasso.extend", points: story.samples }];
    return [isClick(story) ? { kind: "gesture.cancel" } : { kind: "lasso.end", subtract: story.shift }];
  },
};
