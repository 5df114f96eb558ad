/** Box and ellipse: a drag from corner to corner (Ctrl: even sides), or a click for one of the size in the settings. Shift takes away. */
import { CLICK_PX, isClick } from "./tool";
import type { Tool } from "./tool";

const frameTool = (shape: "box" | "ellipse"): Tool => ({
  cursor: "crosshair",
  pen: null,
  tell(story) {
    const { from, at: to, ctrl: even, shift: subtract } = story;
    if (isClick(story)) return [even ? { kind: "select.at", at: from, add: subtract } : { kind: "shape.place", shape, at: from, subtract }];
    if (story.kind === "up") return [{ kind: "shape.draw", shape, from, to, even, subtract }];
    return story.kind === "move" && story.travelled_px > CLICK_PX ? [{ kind: "shape.drag", shape, from, to, even }] : [];
  },
});

export const box = frameTool("box");
export const ellipse = frameTool("ellipse");
