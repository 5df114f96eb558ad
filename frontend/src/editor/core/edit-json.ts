/** Edits at the border: parsed once, trusted after. */
import { ENDINGS, MAX_CELL, NO_FACTS } from "./edit";
import type { AttributeValue, CellChange, CellFacts, Edit, EditParameters, Ending, PixelChange } from "./edit";
import { tidied } from "./cell-labels";
import type { CellMove } from "./moves";
import { ROW, intersection, lineOfRuns } from "./runs";
import type { Runs } from "./runs";

/** The edit is not well formed; the message says what is wrong and where. */
export class InvalidEdit extends Error {
  override readonly name = "InvalidEdit";
}

type Row = Readonly<Record<string, unknown>>;

function need(holds: boolean, where: string, what: string): asserts holds {
  if (!holds) throw new InvalidEdit(`${where}: ${what}.`);
}

function row(value: unknown, where: string, keys: readonly string[], all = true): Row {
  need(typeof value === "object" && value !== null && !Array.isArray(value), where, "an object is needed");
  const missing = keys.filter((key) => !(key in value));
  const unknown = Object.keys(value).filter((key) => !keys.includes(key));
  need(!all || missing.length === 0, where, `${missing.join(", ")} missing`);
  need(unknown.length === 0, where, `unknown ${unknown.join(", ")}`);
  return value as Row;
}

function list(value: unknown, where: string): readonly unknown[] {
  need(Array.isArray(value), where, "a list is needed");
  return value as readonly unknown[];
}

function whole(value: unknown, where: string, low: number, high: number): number {
  need(Number.isInteger(value), where, "a whole number is needed");
  const number = value as number;
  need(number >= low && number <= high, where, `must lie between ${low} and ${high}, but is ${number}`);
  return number;
}

function uuid(value: unknown, where: string): string {
  const text = typeof value === "string" ? value.toLowerCase() : "";
  need(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text), where, "a uuid is needed");
  return text;
}

/** Left out means no: edits written before the flag existed. */
function flag(value: unknown, where: string): boolean {
  need(value === undefined || typeof value === "boolean", where, "true or false is needed");
  return value === true;
}

function runs(value: unknown, where: string): Runs {
  const flat = list(value, where);
  need(flat.length % 3 === 0, where, "runs are triples y, x, n");
  const numbers = flat.map((item) => whole(item, where, 0, MAX_CELL));
  let end = -1;
  for (let i = 0; i < numbers.length; i += 3) {
    const start = numbers[i] * ROW + numbers[i + 1];
    need(numbers[i + 2] > 0, where, "a run is empty");
    need(start > end, where, "runs must be sorted, disjoint and maximal");
    end = start + numbers[i + 2];
  }
  return numbers;
}

function pixelChange(value: unknown, where: string): PixelChange {
  const from = row(value, where, ["t", "z", "cell", "add", "remove"]);
  const change = {
    t: whole(from.t, `${where}.t`, 0, MAX_CELL),
    z: whole(from.z, `${where}.z`, 0, MAX_CELL),
    cell: whole(from.cell, `${where}.cell`, 1, MAX_CELL),
    add: runs(from.add, `${where}.add`),
    remove: runs(from.remove, `${where}.remove`),
  };
  const shared = intersection(lineOfRuns(change.add), lineOfRuns(change.remove));
  need(shared.length === 0, where, "a pixel is added and removed at once");
  return change;
}

/** Facts from JSON, or null. */
export function parseFacts(value: unknown, where = "facts"): CellFacts | null {
  if (value === null) return null;
  const from = row(value, where, FACT_NAMES, false);
  const quality = from.quality ?? null;
  const inRange = typeof quality === "number" && quality >= 0 && quality <= 1;
  need(quality === null || inRange, `${where}.quality`, "a number between 0 and 1, or null, is needed");
  const label = from.class == null ? null : uuid(from.class, `${where}.class`);
  return tidied({
    class: label,
    mother: from.mother == null ? null : whole(from.mother, `${where}.mother`, 1, MAX_CELL),
    quality: quality,
    channel: from.channel == null ? null : whole(from.channel, `${where}.channel`, 0, MAX_CELL),
    locked: flag(from.locked, `${where}.locked`),
    ignored: flag(from.ignored, `${where}.ignored`),
    merged_into: from.merged_into == null ? null : whole(from.merged_into, `${where}.merged_into`, 1, MAX_CELL),
    ending: ending(from.ending, `${where}.ending`),
    also: further(from.also ?? [], label, `${where}.also`),
    attributes: attributes(from.attributes ?? {}, `${where}.attributes`),
    uncertain: flag(from.uncertain, `${where}.uncertain`),
  });
}

const FACT_NAMES = [...Object.keys(NO_FACTS), "also", "attributes", "uncertain"];

function further(value: unknown, main: string | null, where: string): readonly string[] {
  const classes = list(value, where).map((item, i) => uuid(item, `${where}[${i}]`));
  need(classes.length === 0 || main !== null, where, "further classes need a main one");
  need(classes.length === 0 || new Set([main, ...classes]).size === classes.length + 1, where, "a class is named twice");
  return classes.sort();
}

function attributes(value: unknown, where: string): Record<string, AttributeValue> {
  need(typeof value === "object" && value !== null && !Array.isArray(value), where, "an object is needed");
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [uuid(name, where), attribute(each, `${where}.${name}`)]));
}

function attribute(value: unknown, where: string): AttributeValue {
  const fits = typeof value === "boolean" || Number.isFinite(value) || (typeof value === "string" && value.length > 0 && value.length <= 200);
  need(fits, where, "a short text, a number, true or false is needed");
  return value as AttributeValue;
}

function ending(value: unknown, where: string): Ending | null {
  if (value == null) return null;
  need(ENDINGS.includes(value as Ending), where, `null or one of ${ENDINGS.join(", ")} is needed`);
  return value as Ending;
}

function cellChange(value: unknown, where: string): CellChange {
  const from = row(value, where, ["cell", "before", "after"]);
  const cell = whole(from.cell, `${where}.cell`, 1, MAX_CELL);
  const after = parseFacts(from.after, `${where}.after`);
  need(after?.mother !== cell, where, `cell ${cell} cannot be its own mother`);
  need(after?.merged_into !== cell, where, `cell ${cell} cannot merge into itself`);
  return { cell, before: parseFacts(from.before, `${where}.before`), after };
}

function cellMove(value: unknown, where: string): CellMove {
  const from = row(value, where, ["cell", "to", "first", "last"]);
  const first = whole(from.first, `${where}.first`, 0, MAX_CELL);
  const [cell, to] = [whole(from.cell, `${where}.cell`, 1, MAX_CELL), whole(from.to, `${where}.to`, 1, MAX_CELL)];
  need(cell !== to, where, `cell ${cell} is moved to itself`);
  return { cell, to, first, last: whole(from.last, `${where}.last`, first, MAX_CELL) };
}

function needApart(moves: readonly CellMove[], pixels: readonly PixelChange[]): void {
  moves.forEach((a, i) => {
    const meets = (b: CellMove): boolean => (a.cell === b.cell || a.to === b.to) && a.first <= b.last && b.first <= a.last;
    need(!moves.slice(0, i).some(meets), `moves[${i}]`, `cell ${a.cell} is named by two moves in one frame`);
    const drawn = pixels.some((p) => (p.cell === a.cell || p.cell === a.to) && a.first <= p.t && p.t <= a.last);
    need(!drawn, `moves[${i}]`, `cell ${a.cell} is drawn on and moved in one frame`);
  });
}

function needDifferent(keys: readonly (string | number)[], where: string): void {
  need(new Set(keys).size === keys.length, where, "the same cell is named twice in one frame");
}

/** A cell made here has nothing to lose, a cell deleted here gains nothing. */
function needLife(pixels: readonly PixelChange[], cells: readonly CellChange[]): void {
  const born = new Set(cells.filter((c) => c.before === null).map((c) => c.cell));
  const gone = new Set(cells.filter((c) => c.after === null).map((c) => c.cell));
  pixels.forEach((p, i) => {
    need(!gone.has(p.cell) || p.add.length === 0, `pixels[${i}].add`, `cell ${p.cell} is deleted here`);
    need(!born.has(p.cell) || p.remove.length === 0, `pixels[${i}].remove`, `cell ${p.cell} is made here`);
  });
}

/** Flat and small; left out when there are none. */
function parametersIn(value: unknown): { parameters?: EditParameters } {
  if (value === undefined) return {};
  need(typeof value === "object" && value !== null && !Array.isArray(value), "parameters", "an object is needed");
  for (const [name, each] of Object.entries(value)) {
    const fits = each === null || typeof each === "boolean" || Number.isFinite(each) || (typeof each === "string" && each.length <= 200);
    need(fits, `parameters.${name}`, "a short text, a number, true or false is needed");
  }
  return Object.keys(value).length > 0 ? { parameters: value as EditParameters } : {};
}

/** An edit from decoded JSON. Throws InvalidEdit with what is wrong and where (`pixels[2].add: …`). */
export function parseEdit(value: unknown): Edit {
  const { undoes, moves: asked, parameters: made, ...rest } = row(value, "edit", ["id", "tool", "pixels", "cells", "undoes", "moves", "parameters"], false);
  const from = row(rest, "edit", ["id", "tool", "pixels", "cells"]);
  need(typeof from.tool === "string" && from.tool.length > 0 && from.tool.length <= 40, "tool", "a short name is needed");
  const pixels = list(from.pixels, "pixels").map((item, i) => pixelChange(item, `pixels[${i}]`));
  const cells = list(from.cells, "cells").map((item, i) => cellChange(item, `cells[${i}]`));
  needDifferent(pixels.map((p) => `${p.t} ${p.z} ${p.cell}`), "pixels");
  needDifferent(cells.map((c) => c.cell), "cells");
  needLife(pixels, cells);
  const moves = list(asked ?? [], "moves").map((item, i) => cellMove(item, `moves[${i}]`));
  needApart(moves, pixels);
  const edit = { id: uuid(from.id, "id"), tool: from.tool, pixels, cells, ...(moves.length > 0 && { moves }), ...parametersIn(made) };
  return undoes == null ? edit : { ...edit, undoes: uuid(undoes, "undoes") };
}

/** The inverse of `parseEdit`: plain objects and lists, keys in the order of the contract. */
export function editToJson(edit: Edit): unknown {
  return {
    id: edit.id,
    tool: edit.tool,
    pixels: edit.pixels.map((p) => ({ t: p.t, z: p.z, cell: p.cell, add: [...p.add], remove: [...p.remove] })),
    cells: edit.cells.map((c) => ({ cell: c.cell, before: factsToJson(c.before), after: factsToJson(c.after) })),
    ...(edit.moves?.length ? { moves: edit.moves.map(({ cell, to, first, last }) => ({ cell, to, first, last })) } : {}),
    ...(edit.parameters && Object.keys(edit.parameters).length > 0 ? { parameters: { ...edit.parameters } } : {}),
    ...(edit.undoes === undefined ? {} : { undoes: edit.undoes }),
  };
}

const factsToJson = (facts: CellFacts | null): unknown =>
  facts && {
    class: facts.class,
    mother: facts.mother,
    quality: facts.quality,
    channel: facts.channel,
    locked: facts.locked,
    ignored: facts.ignored,
    merged_into: facts.merged_into,
    ending: facts.ending,
    ...(facts.also?.length ? { also: [...facts.also] } : {}),
    ...(facts.attributes && Object.keys(facts.attributes).length > 0 ? { attributes: { ...facts.attributes } } : {}),
    ...(facts.uncertain ? { uncertain: true } : {}),
  };
