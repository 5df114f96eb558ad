/**
 * Click-to-segment: a click on the cell, a right, Shift or Alt click beside it, a drag for a box. Ctrl+click begins another cell.
 * A pointer that only rests brings what a click would need.
 */
import type { Command } from "../door";
import { CLICK_PX, isClick, panBy } from "./tool";
import type { PointerStory, Surroundings, Tool } from "./tool";

export const prompt: Tool = {
  cursor: "crosshair",
  pen: null,
  hovers: true,
  right: true,
  tell(story, around) {
    if (story.kind === "hover") return [{ kind: "prompt.warm", at: story.at }];
    if (isClick(story)) return [clickOf(story, around)];
    if (story.right) return panBy(story);
    const dragged = story.travelled_px > CLICK_PX && story.kind !== "down";
    return dragged ? [{ kind: "prompt.box", from: story.from, to: story.at, drawing: story.kind === "move" }] : [];
  },
};

function clickOf(story: PointerStory, { state }: Surroundings): Command {
  const turned = story.right || story.shift || story.alt;
  const says = state.toolOptions.promptSays === "outside" && !story.ctrl ? -1 : 1;
  return { kind: "prompt.click", at: story.from, sign: turned ? (says === 1 ? -1 : 1) : says, fresh: story.ctrl && !turned };
}
