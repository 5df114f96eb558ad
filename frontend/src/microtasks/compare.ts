/** What an answer lacks and what it has too much, beside the known one; in pixels and in words. Pure. */
import { difference, intersection, union, type Line, type Point } from "@/editor/painting";
import { plural } from "@/lib/format";
import { areaOfLine, lineOfRows, middleOf } from "./rows";
import { asPoint, type Kind, type Place, type RunRows, type Value } from "./types";

export interface MaskDifference {
  readonly truth: Line;
  readonly right: Line;
  readonly missed: Line;
  readonly extra: Line;
}

export const asOne = (masks: readonly RunRows[]): Line => masks.map(lineOfRows).reduce<Line>(union, []);

export function compareMasks(given: readonly RunRows[], truth: readonly RunRows[]): MaskDifference {
  const [mine, known] = [asOne(given), asOne(truth)];
  return { truth: known, right: intersection(mine, known), missed: difference(known, mine), extra: difference(mine, known) };
}

export interface PointDifference {
  readonly found: readonly Point[];
  readonly missed: readonly Point[];
  readonly extra: readonly Point[];
}

/** Nearest pairs first, each place once, none further apart than the reach. */
export function comparePoints(given: readonly Place[], truth: readonly Place[], reach_px: number): PointDifference {
  const [mine, known] = [given.map(asPoint), truth.map(asPoint)];
  const pairs = mine.flatMap((a, i) => known.map((b, j) => ({ i, j, away: Math.hypot(a.x - b.x, a.y - b.y) }))).filter(({ away }) => away <= reach_px);
  const [takenMine, takenKnown] = [new Set<number>(), new Set<number>()];
  for (const { i, j } of pairs.sort((a, b) => a.away - b.away)) {
    if (takenMine.has(i) || takenKnown.has(j)) continue;
    takenMine.add(i);
    takenKnown.add(j);
  }
  return {
    found: known.filter((_, j) => takenKnown.has(j)),
    missed: known.filter((_, j) => !takenKnown.has(j)),
    extra: mine.filter((_, i) => !takenMine.has(i)),
  };
}

/** A share below this is within what two careful people differ by. */
const SMALL = 0.03;

export function maskWords({ truth, missed, extra }: MaskDifference): string[] {
  const whole = areaOfLine(truth);
  if (whole === 0) return areaOfLine(extra) > 0 ? ["There is no cell here; nothing should be outlined."] : ["Right: there is no cell here."];
  const [lost, surplus] = [areaOfLine(missed) / whole, areaOfLine(extra) / whole];
  const said = [
    ...(lost >= SMALL ? [`You missed ${percent(lost)} of the cell${sideOf(missed, truth)}.`] : []),
    ...(surplus >= SMALL ? [`You outlined ${percent(surplus)} too much${sideOf(extra, truth)}.`] : []),
  ];
  return said.length > 0 ? said : ["Your outline follows the cell."];
}

export function pointWords({ found, missed, extra }: PointDifference): string[] {
  const all = found.length + missed.length;
  return [
    `You found ${found.length} of ${plural(all, "centre")}.`,
    ...(extra.length > 0 ? [`${plural(extra.length, "tap")} ${extra.length === 1 ? "is" : "are"} not on a cell of its own.`] : []),
  ];
}

export function choiceWords(kind: Kind, given: string, truth: string, nameOf: (id: string) => string): string[] {
  if (given === truth) return [`Right: ${answerWords(kind, truth, nameOf)}.`];
  return [`You said ${given === "unsure" ? "not sure" : answerWords(kind, given, nameOf)}. The answer is ${answerWords(kind, truth, nameOf)}.`];
}

function answerWords(kind: Kind, choice: string, nameOf: (id: string) => string): string {
  if (choice === "unsure") return "nobody can tell";
  return kind === "CLASS" ? nameOf(choice) : choice;
}

const percent = (share: number): string => `${Math.max(1, Math.round(100 * Math.min(share, 9.99)))} %`;

/** " at the top left": where a region lies, seen from the middle of the cell; nothing when it lies all around. */
function sideOf(part: Line, whole: Line): string {
  const [a, b] = [middleOf(part), middleOf(whole)];
  if (!a || !b) return "";
  const near = Math.sqrt(areaOfLine(whole) / Math.PI) * 0.25;
  const [dx, dy] = [a.x - b.x, a.y - b.y];
  if (Math.hypot(dx, dy) < near) return " all around";
  const [across, down] = [Math.abs(dx), Math.abs(dy)];
  const vertical = down > across * 0.41 ? (dy < 0 ? "top" : "bottom") : "";
  const horizontal = across > down * 0.41 ? (dx < 0 ? "left" : "right") : "";
  return ` at the ${[vertical, horizontal].filter(Boolean).join(" ")}`;
}

export const masksIn = (value: Value | null): readonly RunRows[] => (value && "masks" in value ? value.masks : []);
export const pointsIn = (value: Value | null): readonly Place[] => (value && "points" in value ? value.points : []);
export const choiceIn = (value: Value | null): string => (value && "choice" in value ? value.choice : "unsure");
