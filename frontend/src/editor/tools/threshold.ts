/** A drag draws the box; a click in it accepts what was found, one outside drops it. */
import type { DraftShape, EditorState } from "../door";
import type { Point } from "../core/geometry";
import { CLICK_PX, isClick } from "./tool";
import type { Tool } from "./tool";

type Box = Extract<DraftShape, { kind: "box" | "ellipse" }>;

export const threshold: Tool = {
  cursor: "crosshair",
  pen: null,
  tell(story, { state }) {
    const box = boxOf(state);
    if (isClick(story)) {
      if (story.ctrl) return [{ kind: "select.at", at: story.from, add: story.shift }];
      return box ? [{ kind: holds(box, story.from) ? "proposal.accept" : "gesture.cancel" }] : [];
    }
    if (story.kind !== "up" && story.travelled_px <= CLICK_PX) return [];
    const isThis = box?.from.x === story.from.x && box.from.y === story.from.y;
    const drag = { kind: "threshold.drag", to: story.at } as const;
    return isThis ? [drag] : [{ kind: "threshold.begin", at: story.from }, drag];
  },
};

function boxOf({ draft }: EditorState): Box | null {
  const shape = draft?.tool === "threshold" ? draft.shapes[0] : undefined;
  return shape?.kind === "box" ? shape : null;
}

const between = (value: number, a: number, b: number): boolean => value >= Math.min(a, b) && value <= Math.max(a, b);
const holds = ({ from, to }: Box, { x, y }: Point): boolean => between(x, from.x, to.x) && between(y, from.y, to.y);
