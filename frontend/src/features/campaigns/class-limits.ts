/** Which classes a question names: those of a level of the tree, or the kinds of one class. The server says the same of a campaign. Pure. */
import type { TreeClass } from "@/api/schemas";
import type { Plan } from "./plan";

type Placed = Pick<TreeClass, "id" | "name" | "parent" | "depth" | "archived">;
export type ClassLimit = Pick<Plan, "classLevel" | "classBelow">;

export interface LimitOption {
  readonly value: string;
  readonly label: string;
  readonly limit: ClassLimit;
}

const EVERY: ClassLimit = { classLevel: null, classBelow: null };
const LEVELS = ["Top of the tree", "Second level", "Third level"];
const NAMES_MOST = 4;

/** The classes named, in the order of `classes`, which is that of the tree. */
export function choicesOf<Row extends Placed>(classes: readonly Row[], { classLevel, classBelow }: ClassLimit): Row[] {
  const known = new Map(classes.map((row) => [row.id, row]));
  const among = classes.filter((row) => !row.archived && (classBelow === null || lineOf(row, known).slice(1).some(({ id }) => id === classBelow)));
  if (classLevel === null) return among;
  const ids = new Set(among.map(({ id }) => id));
  const named = new Set(
    among.map((row) => {
      const above = lineOf(row, known).reverse()[classLevel];
      return above && ids.has(above.id) ? above.id : row.id;
    }),
  );
  const above = new Set([...named].flatMap((id) => lineOf(known.get(id), known).slice(1).map((row) => row.id)));
  return among.filter(({ id }) => named.has(id) && !above.has(id));
}

/** What can be chosen between; one option alone where the classes are a plain list. */
export function limitsOf(classes: readonly Placed[]): LimitOption[] {
  const used = classes.filter(({ archived }) => !archived);
  const deepest = Math.max(0, ...used.map(({ depth }) => depth));
  const levels = deepest === 0 ? [] : Array.from({ length: deepest + 1 }, (_, level) => ({ title: LEVELS[level] ?? `Level ${level + 1}`, limit: { classLevel: level, classBelow: null } }));
  const parents = used.filter(({ id }) => used.some(({ parent }) => parent === id));
  const kinds = parents.map((row) => ({ title: `Kinds of ${row.name}`, limit: { classLevel: row.depth + 1, classBelow: row.id } }));
  return [{ title: "Every class", limit: EVERY }, ...levels, ...kinds].map(({ title, limit }) => ({ value: keyOf(limit), label: `${title}: ${named(choicesOf(classes, limit))}`, limit }));
}

export const keyOf = ({ classLevel, classBelow }: ClassLimit): string => `${classLevel ?? ""} ${classBelow ?? ""}`;

function named(rows: readonly Placed[]): string {
  const names = rows.slice(0, NAMES_MOST).map(({ name }) => name);
  return names.join(", ") + (rows.length > NAMES_MOST ? ` and ${rows.length - NAMES_MOST} more` : "");
}

/** The class and those above it, the nearest first. */
function lineOf<Row extends Placed>(row: Row | undefined, known: ReadonlyMap<string, Row>): Row[] {
  const line: Row[] = [];
  for (let at = row; at && !line.includes(at); at = at.parent ? known.get(at.parent) : undefined) line.push(at);
  return line;
}
