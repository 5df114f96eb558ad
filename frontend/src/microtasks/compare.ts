/** What an answer lacks and what it has too much, beside the known one; in pixels and in words. Pure. */
import { difference, intersection, union, type Line, type Point } from "@/editor/painting";
import { plural } from "@/lib/format";
import { areaOfLine, lineOfRows, middleOf } from "./rows";
import { asPoint, type Fault, type Feedback, type Kind, type Place, type RunRows, type Value } from "./types";

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

/** Known centres and taps as the server paired them. */
export function pointsOf(truth: readonly Place[], { regions }: Pick<Feedback, "regions">): PointDifference {
  const at = (fault: Fault): Place[] => regions.flatMap((region) => (region.fault === fault && region.point ? [region.point] : []));
  const missed = at("MISSED");
  const isMissed = ([y, x]: Place): boolean => missed.some(([my, mx]) => Math.hypot(my - y, mx - x) < 0.5);
  return { found: truth.filter((one) => !isMissed(one)).map(asPoint), missed: missed.map(asPoint), extra: at("INVENTED").map(asPoint) };
}

/** Of a picture with several cells: which of them went wrong, counted. */
export function cellWords(all: number, { regions }: Pick<Feedback, "regions">): string[] {
  const count = (fault: Fault): number => regions.filter((region) => region.fault === fault).length;
  const said: [number, (n: number) => string][] = [
    [count("MISSED"), (n) => `You missed ${n} of ${plural(all, "cell")}.`],
    [count("INVENTED"), (n) => `${plural(n, "outline")} ${n === 1 ? "is" : "are"} not on a cell.`],
    [count("MERGED"), () => "Cells that touch were outlined as one."],
    [count("SPLIT"), () => "One cell was outlined as several."],
    [count("TOO_LITTLE"), (n) => `${plural(n, "outline")} ${n === 1 ? "is" : "are"} too small: see the stripes.`],
    [count("TOO_MUCH"), (n) => `${plural(n, "outline")} ${n === 1 ? "is" : "are"} too large: see the dots.`],
  ];
  const words = said.filter(([n]) => n > 0).map(([n, say]) => say(n));
  return words.length > 0 ? words : ["Your outlines follow the cells."];
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
