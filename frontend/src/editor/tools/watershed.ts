/** Two clicks in a cell split it, and between them the split follows the pointer; Shift+click: one more seed first. */
import { isClick, panBy } from "./tool";
import type { Tool } from "./tool";

export const watershed: Tool = {
  cursor: "crosshair",
  pen: null,
  hovers: true,
  tell(story, { state }) {
    if (story.kind === "hover") return state.draft?.tool === "watershed" ? [{ kind: "watershed.look", at: story.at }] : [];
    if (!isClick(story)) return panBy(story);
    if (story.ctrl) return [{ kind: "select.at", at: story.from, add: story.shift }];
    return [{ kind: "watershed.seed", at: story.from, more: story.shift }];
  },
};
