/** Brush and eraser: one stroke from down to up. Ctrl picks the cell under the pen instead. */
import type { Command } from "../door";
import type { PointerStory, Tool } from "./tool";

const penOf = (kind: "brush" | "eraser"): Tool => ({
  cursor: "none",
  pen: kind,
  tell: (story) => (story.ctrl && story.kind === "down" ? pickAt(story) : strokeOf(kind, story)),
});

const pickAt = (story: PointerStory): readonly Command[] => [{ kind: "select.at", at: story.at, add: story.shift }];

function strokeOf(kind: "brush" | "eraser", story: PointerStory): readonly Command[] {
  const share = shareOf(story);
  if (story.kind === "down") return [{ kind: "stroke.begin", with: kind, at: story.at, ...share }];
  if (story.kind === "move") return [{ kind: "stroke.extend", points: story.samples, ...share }];
  return [{ kind: "stroke.end" }];
}

/** The lightest touch still draws a quarter of the diameter. */
const LEAST_SHARE = 0.25;

const shareOf = ({ pressure = 1 }: PointerStory): { share?: number } => (pressure === 1 ? {} : { share: LEAST_SHARE + (1 - LEAST_SHARE) * pressure });

export const brush = penOf("brush");
export const eraser = penOf("eraser");
