/** The line clings to edges between clicks; the first point, a double click or Enter closes. A drag moves the picture. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const magnetic: Tool = {
  cursor: "crosshair",
  pen: null,
  hovers: true,
  tell(story, { state }) {
    const drawing = state.draft?.tool === "magnetic";
    if (story.kind === "hover") return drawing ? [{ kind: "magnet.look", at: story.at }] : [];
    if (!isClick(story)) return panBy(story);
    if (story.ctrl && !drawing) return [{ kind: "select.at", at: story.from, add: story.shift }];
    return [{ kind: "magnet.point", at: story.from, close: story.clicks > 1, subtract: story.shift }];
  },
};
