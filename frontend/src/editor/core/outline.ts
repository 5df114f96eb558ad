/** Borders of a cell along the edges of its pixels. */
import { maskOf } from "./mask";
import type { Mask } from "./mask";
import type { Runs } from "./runs";

/** A closed ring `[x, y, x, y, …]` of pixel corners; the cell lies to its right hand, holes included as own rings. */
export type Ring = readonly number[];

/** Directions along x+, y+, x-, y-. */
const STEPS = [[1, 0], [0, 1], [-1, 0], [0, -1]] as const;

export function outlineOf(runs: Runs): Ring[] {
  const mask = maskOf(runs);
  if (!mask) return [];
  const seen = new Set<number>();
  const rings: Ring[] = [];
  for (let y = 1; y < mask.height; y++) {
    for (let x = 1; x < mask.width; x++) {
      const startsTop = inside(mask, x, y) && !inside(mask, x, y - 1);
      if (startsTop && !seen.has(y * mask.width + x)) rings.push(trace(mask, x, y, seen));
    }
  }
  return rings;
}

const inside = (mask: Mask, x: number, y: number): boolean => mask.data[y * mask.width + x] === 1;

/** Follows the border from the upper edge of pixel (x, y), its inside on the right; notes upper edges passed. */
function trace(mask: Mask, x: number, y: number, seen: Set<number>): number[] {
  const ring: number[] = [];
  let [cx, cy, direction] = [x, y, 0];
  do {
    if (direction === 0) seen.add(cy * mask.width + cx);
    const [dx, dy] = STEPS[direction];
    [cx, cy] = [cx + dx, cy + dy];
    const turned = turn(mask, cx, cy, direction);
    if (turned !== direction) ring.push(cx + mask.x, cy + mask.y);
    direction = turned;
  } while (cx !== x || cy !== y || direction !== 0);
  return ring;
}

/** At a corner: corners touch, so the cell goes on to the left if a pixel is there, else ahead, else to the right. */
function turn(mask: Mask, x: number, y: number, direction: number): number {
  const [ahead, side] = [STEPS[direction], STEPS[(direction + 1) % 4]];
  const left = inside(mask, x + low(ahead[0], -side[0]), y + low(ahead[1], -side[1]));
  const right = inside(mask, x + low(ahead[0], side[0]), y + low(ahead[1], side[1]));
  if (left) return (direction + 3) % 4;
  return right ? direction : (direction + 1) % 4;
}

/** Of the pixels around a corner, the one in this direction: 0 after, -1 before. */
const low = (a: number, b: number): number => (a + b > 0 ? 0 : -1);
