import type { LabelClass } from "@/api/projects";
import type { TreeClass } from "@/api/schemas";
import { CLASS_COLOURS } from "@/ui/palette";

type Placed = Pick<TreeClass, "id" | "parent">;

/** Where a class goes when it is moved by keys: its new parent, and all classes in their new order. */
export interface Place {
  readonly parent: string | null;
  readonly ids: string[];
}

export type Way = "up" | "down" | "in" | "out";

/** `rows` stand in the order of the tree. Up and down: among those of the same parent; in: below the one before; out: behind its parent. Null: there is no such place. */
export function movedBy(rows: readonly Placed[], id: string, way: Way): Place | null {
  const row = rows.find((one) => one.id === id);
  if (!row) return null;
  const siblings = rows.filter((one) => one.parent === row.parent);
  const at = siblings.indexOf(row);
  if (way === "in") return siblings[at - 1] ? { parent: siblings[at - 1].id, ids: idsOf(rows) } : null;
  if (way === "out") {
    const above = rows.find((one) => one.id === row.parent);
    return above ? { parent: above.parent, ids: placedAfter(rows, id, above.id) } : null;
  }
  const other = siblings[at + (way === "up" ? -1 : 1)];
  if (!other) return null;
  const order = idsOf(rows);
  const [a, b] = [order.indexOf(id), order.indexOf(other.id)];
  [order[a], order[b]] = [order[b], order[a]];
  return { parent: row.parent, ids: order };
}

const idsOf = (rows: readonly Placed[]): string[] => rows.map((one) => one.id);

function placedAfter(rows: readonly Placed[], id: string, after: string): string[] {
  const rest = idsOf(rows).filter((one) => one !== id);
  return [...rest.slice(0, rest.indexOf(after) + 1), id, ...rest.slice(rest.indexOf(after) + 1)];
}

/** Dropped on another: below it, as its last child. Null where it would lie below itself. */
export function droppedOn(rows: readonly Placed[], id: string, on: string | null): Place | null {
  const parents = new Map(rows.map((one) => [one.id, one.parent]));
  for (let at: string | null | undefined = on; at; at = parents.get(at)) if (at === id) return null;
  return { parent: on, ids: [...idsOf(rows).filter((one) => one !== id), id] };
}

/** The first colour of the palette that no class has yet; when all are taken, the least used. */
export function freshColour(rows: readonly Pick<LabelClass, "color">[]): string {
  const uses = (colour: string) => rows.filter((row) => row.color?.toLowerCase() === colour).length;
  return [...CLASS_COLOURS].sort((one, other) => uses(one) - uses(other))[0];
}
