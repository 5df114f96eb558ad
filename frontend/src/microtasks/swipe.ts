/** A pulled card: right is yes, left is no, up is not sure. */
import type { Choice } from "./types";

/** Further than this it counts when it is let go, CSS px. */
const FAR_PX = 80;

export function swipeMeans(dx: number, dy: number): Choice | null {
  if (Math.abs(dx) >= FAR_PX && Math.abs(dx) > Math.abs(dy)) return dx > 0 ? "yes" : "no";
  return dy <= -FAR_PX && Math.abs(dy) > Math.abs(dx) ? "unsure" : null;
}
