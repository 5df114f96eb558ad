/** Press, drag right for a greater tolerance or left for a smaller one, release. Shift takes away, Ctrl picks a cell. */
import type { Tool } from "./tool";

export const wand: Tool = {
  cursor: "crosshair",
  pen: null,
  tell(story, { state }) {
    if (story.kind === "down") return [story.ctrl ? { kind: "select.at", at: story.at, add: story.shift } : { kind: "wand.begin", at: story.at }];
    if (state.draft?.tool !== "wand") return [];
    const drag = { kind: "wand.drag", moved_px: (story.at.x - story.from.x) * state.camera.zoom } as const;
    return story.kind === "up" ? [drag, { kind: "wand.end", subtract: story.shift }] : [drag];
  },
};
