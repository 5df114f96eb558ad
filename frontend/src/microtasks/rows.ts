/** Between the rows of an answer and sets of pixels on the number line. */
import { lineOfRuns, normalise, ROW, runsOfLine, type Line, type Runs } from "@/editor/painting";
import type { RunRows } from "./types";

export function lineOfRows(rows: RunRows): number[] {
  return normalise(rows.flatMap(([y, x0, x1]) => [y * ROW + x0, y * ROW + x1]));
}

export function rowsOfLine(line: Line): [number, number, number][] {
  const runs = runsOfLine(line);
  return Array.from({ length: runs.length / 3 }, (_, i) => [runs[3 * i], runs[3 * i + 1], runs[3 * i + 1] + runs[3 * i + 2]]);
}

export const runsOfRows = (rows: RunRows): Runs => runsOfLine(lineOfRows(rows));
export const lineOf = (runs: Runs): number[] => lineOfRuns(runs);

/** Number of pixels of a set. */
export function areaOfLine(line: Line): number {
  let area = 0;
  for (let i = 0; i < line.length; i += 2) area += line[i + 1] - line[i];
  return area;
}

export function holdsPixel(line: Line, y: number, x: number): boolean {
  const at = y * ROW + x;
  for (let i = 0; i < line.length; i += 2) if (line[i] <= at && at < line[i + 1]) return true;
  return false;
}

/** The middle of a set, px; null for an empty one. */
export function middleOf(line: Line): { x: number; y: number } | null {
  let [area, sumX, sumY] = [0, 0, 0];
  for (let i = 0; i < line.length; i += 2) {
    const y = Math.floor(line[i] / ROW);
    const [x0, n] = [line[i] - y * ROW, line[i + 1] - line[i]];
    area += n;
    sumX += n * (x0 + n / 2);
    sumY += n * (y + 0.5);
  }
  return area === 0 ? null : { x: sumX / area, y: sumY / area };
}
