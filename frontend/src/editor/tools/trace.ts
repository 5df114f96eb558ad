/** Tools that draw one path from down to up: a click instead selects. */
import type { Command } from "../door";
import { isClick } from "./tool";
import type { PointerStory, Tool } from "./tool";

export const tracing = (tool: "cut" | "gather"): Tool => ({
  cursor: "crosshair",
  pen: null,
  tell: (story) => (story.ctrl && story.kind === "down" ? [{ kind: "select.at", at: story.at, add: story.shift }] : traced(tool, story)),
});

function traced(tool: "cut" | "gather", story: PointerStory): readonly Command[] {
  if (story.kind === "down") return [{ kind: "trace.begin", with: tool, at: story.at }];
  if (story.kind === "move") return [{ kind: "trace.extend", points: story.samples, loop: story.alt }];
  if (isClick(story)) return [{ kind: "gesture.cancel" }, { kind: "select.at", at: story.from, add: story.shift }];
  return [{ kind: "trace.end", loop: story.alt, add: story.shift }];
}
