import type { Schema } from "@/api/types";
import type { ChangedCell } from "../types";

export type Take = "FIRST" | "SECOND" | "CONSENSUS";
export type ChosenCell = Required<Schema["ChosenCellInRequest"]>;

/** One cell in one frame, by its names on both sides. */
export const keyOf = ({ change, t, z, cell, baseCell }: ChangedCell): string => `${change}/${t}/${z}/${baseCell ?? ""}/${cell}`;

export function next(chosen: ReadonlyMap<string, Take>, change: ChangedCell, take: Take | undefined): ReadonlyMap<string, Take> {
  const rest = new Map(chosen);
  if (take === undefined) rest.delete(keyOf(change));
  else rest.set(keyOf(change), take);
  return rest;
}

/** What was chosen cell by cell, as the server wants it: a removed cell has its name in the first labels alone, an added one in the second. */
export function chosenCells(changes: readonly ChangedCell[], chosen: ReadonlyMap<string, Take>): ChosenCell[] {
  return changes.flatMap((change) => {
    const take = chosen.get(keyOf(change));
    if (take === undefined || change.t === null) return [];
    const first = change.change === "ADDED" ? null : change.change === "REMOVED" ? change.cell : (change.baseCell ?? change.cell);
    return [{ t: change.t, z: change.z ?? 0, take, first, second: change.change === "REMOVED" ? null : change.cell }];
  });
}
