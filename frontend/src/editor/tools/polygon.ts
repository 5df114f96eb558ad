/** Each click is a corner; corners can be dragged; the first one, a double click or Enter closes. Also moves the corners of an opened outline. */
import type { Command, EditorState } from "../door";
import type { Point } from "../core/geometry";
import { isClick } from "./tool";
import type { PointerStory, Tool } from "./tool";

/** CSS px */
const NEAR_PX = 8;

export const polygon: Tool = {
  cursor: "crosshair",
  pen: null,
  hovers: true,
  tell(story, { state }) {
    const drawing = state.draft?.tool === "polygon";
    if (story.kind === "hover") return drawing ? [{ kind: "outline.look", at: story.at }] : [];
    if (story.kind === "down") return drawing ? [{ kind: "outline.grab", at: story.at }] : [];
    if (story.kind === "move") return drawing ? [{ kind: "outline.drag", to: story.at }] : [];
    return isClick(story) ? clicked(story, state, drawing) : [];
  },
};

function clicked(story: PointerStory, state: EditorState, drawing: boolean): readonly Command[] {
  const at = story.from;
  if (story.ctrl) return drawing ? [{ kind: "outline.remove", at }] : [{ kind: "select.at", at, add: story.shift }];
  const editing = state.draft?.cell !== undefined;
  if (story.clicks > 1 && editing) return [{ kind: "proposal.accept" }];
  if (story.clicks > 1 && drawing) return [{ kind: "outline.close", subtract: story.shift }];
  const corner = cornerAt(state, at);
  // A click on a corner only takes hold of it; on the first one it closes.
  return editing || corner > 0 ? [] : [{ kind: "outline.point", at, subtract: story.shift }];
}

function cornerAt({ draft, camera }: EditorState, at: Point): number {
  const [path] = draft?.tool === "polygon" ? draft.shapes : [];
  if (path?.kind !== "path") return -1;
  return path.points.findIndex((point) => Math.hypot(point.x - at.x, point.y - at.y) * camera.zoom <= NEAR_PX);
}
