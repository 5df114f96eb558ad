/** A cell made into two: by a line drawn through it, or by a loop drawn around a piece of it. No pixel is lost or won. */
import { componentsOf } from "./components";
import { squaredDistances } from "./distance";
import { dilated } from "./morphology";
import type { Point } from "./geometry";
import { crossedPixels, fillPolygon } from "./polygon-fill";
import { Refused } from "./refused";
import { areaOf, difference, intersection, lineOfRuns, runsOfLine, union } from "./runs";
import type { Runs } from "./runs";
import type { Transaction } from "./transaction";
import { windowOf } from "./window";

const EVERYWHERE = { height: Infinity, width: Infinity };

export interface Split {
  /** Keeps the id. */
  readonly stays: Runs;
  /** Becomes a new cell. */
  readonly leaves: Runs;
}

/**
 * Cut along an open path; null when it does not part the cell. What lies on one side of the path is one part, however
 * many pieces it has; the larger part stays. The path's own pixels go to the nearer side, to the larger where both are equally near.
 */
export function cutByLine(runs: Runs, path: readonly Point[]): Split | null {
  const cell = lineOfRuns(runs);
  const blade = intersection(cell, lineOfRuns(crossedPixels(path)));
  const sides = sidesOf(runsOfLine(difference(cell, blade)), runsOfLine(blade), path);
  if (sides === null) return null;
  const [larger, smaller] = areaOf(sides[0]) >= areaOf(sides[1]) ? sides : [sides[1], sides[0]];
  const toSmaller = nearerTo(smaller, larger, runsOfLine(blade));
  const leaves = union(lineOfRuns(smaller), toSmaller);
  return { stays: runsOfLine(difference(cell, leaves)), leaves: runsOfLine(leaves) };
}

/** Pieces left and right of the path; null when all lie on one side. */
function sidesOf(runs: Runs, blade: Runs, path: readonly Point[]): [Runs, Runs] | null {
  const sides: [number[], number[]] = [[], []];
  const beside = lineOfRuns(dilated(blade, 1.5, EVERYWHERE));
  for (const piece of componentsOf(runs)) {
    const near = runsOfLine(intersection(lineOfRuns(piece), beside));
    const side = sides[sideOf(near.length > 0 ? near : endsOf(piece), path)];
    for (const value of piece) side.push(value);
  }
  if (sides[0].length === 0 || sides[1].length === 0) return null;
  return [sortedRuns(sides[0]), sortedRuns(sides[1])];
}

const sortedRuns = (runs: Runs): number[] => runsOfLine(lineOfRuns(runs));

/** First and last pixel of each run. */
function endsOf(piece: Runs): number[] {
  const ends: number[] = [];
  for (let i = 0; i < piece.length; i += 3) ends.push(piece[i], piece[i + 1], 1, piece[i], piece[i + 1] + piece[i + 2] - 1, 1);
  return ends;
}

/** By the pixel of the piece that is nearest to the path: far from it left and right mean little. */
function sideOf(piece: Runs, path: readonly Point[]): 0 | 1 {
  let [nearest, side]: [number, 0 | 1] = [Infinity, 0];
  const ask = (x: number, y: number): void => {
    const found = nearestSegment({ x: x + 0.5, y: y + 0.5 }, path);
    if (found.distance2 < nearest) [nearest, side] = [found.distance2, found.cross > 0 ? 0 : 1];
  };
  for (let i = 0; i < piece.length; i += 3) {
    for (let n = 0; n < piece[i + 2]; n++) ask(piece[i + 1] + n, piece[i]);
  }
  return side;
}

function nearestSegment(p: Point, path: readonly Point[]): { distance2: number; cross: number } {
  let best = { distance2: Infinity, cross: 0 };
  for (let i = 1; i < path.length; i++) {
    const [a, b] = [path[i - 1], path[i]];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const length2 = dx * dx + dy * dy;
    if (length2 === 0) continue;
    const along = Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2));
    const distance2 = (p.x - a.x - along * dx) ** 2 + (p.y - a.y - along * dy) ** 2;
    if (distance2 < best.distance2) best = { distance2, cross: dx * (p.y - a.y) - dy * (p.x - a.x) };
  }
  return best;
}

/** Of these pixels, those nearer to `target` than to `rival`, as a line. */
function nearerTo(target: Runs, rival: Runs, pixels: Runs): number[] {
  const all = runsOfLine(union(union(lineOfRuns(target), lineOfRuns(rival)), lineOfRuns(pixels)));
  const box = windowOf(all, 0, EVERYWHERE);
  if (!box) return [];
  const [toTarget, toRival] = [target, rival].map((runs) => squaredDistances(inBox(runs, box), box.width, 1));
  const nearer: number[] = [];
  for (let i = 0; i < pixels.length; i += 3) {
    for (let x = pixels[i + 1]; x < pixels[i + 1] + pixels[i + 2]; x++) {
      const at = (pixels[i] - box.y) * box.width + x - box.x;
      if (toTarget[at] < toRival[at]) nearer.push(pixels[i], x, 1);
    }
  }
  return lineOfRuns(nearer);
}

function inBox(runs: Runs, box: { readonly y: number; readonly x: number; readonly height: number; readonly width: number }): Uint8Array {
  const data = new Uint8Array(box.height * box.width);
  for (let i = 0; i < runs.length; i += 3) {
    const start = (runs[i] - box.y) * box.width + runs[i + 1] - box.x;
    data.fill(1, start, start + runs[i + 2]);
  }
  return data;
}

/** What lies inside the closed path leaves; null when nothing or all does. */
export function cutByLoop(runs: Runs, path: readonly Point[]): Split | null {
  const [cell, loop] = [lineOfRuns(runs), lineOfRuns(fillPolygon(path))];
  const [inside, outside] = [intersection(cell, loop), difference(cell, loop)];
  return inside.length > 0 && outside.length > 0 ? { stays: runsOfLine(outside), leaves: runsOfLine(inside) } : null;
}

/** Gives what leaves to a new cell that keeps what is said of the old one: its class, its mother, whether it is ignored. */
export function splitCell(tx: Transaction, at: { readonly t: number; readonly z: number }, cell: number, split: Split, into: number): void {
  const facts = tx.store.facts.get(cell);
  if (facts === null) throw new Refused(`Cell ${cell} does not exist; draw it first.`);
  tx.guard.need(cell);
  if (!tx.store.facts.has(into)) tx.setFacts(into, { ...facts, quality: null, locked: false });
  const writer = tx.on(at.t, at.z);
  writer.eraseRuns(cell, split.leaves);
  writer.paintRuns(into, "overlap", split.leaves);
}
