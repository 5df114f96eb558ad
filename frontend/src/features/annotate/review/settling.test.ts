import { expect, test } from "vitest";
import type { ChangedCell } from "../types";
import { chosenCells, keyOf, next, type Take } from "./settling";

const cell = (change: ChangedCell["change"], number: number, baseCell?: number) => ({ change, cell: number, t: 2, z: 0, iou: 0, y: 1, x: 1, ...(baseCell !== undefined && { baseCell }) }) as unknown as ChangedCell;

test("W10: each cell that was chosen is named as both ratings name it", () => {
  const changes = [cell("ADDED", 5), cell("REMOVED", 6), cell("CHANGED", 7, 3), cell("CHANGED", 8), cell("FACTS", 9)];
  let chosen: ReadonlyMap<string, Take> = new Map();
  for (const change of changes.slice(0, 4)) chosen = next(chosen, change, "SECOND");
  chosen = next(chosen, changes[4], undefined);
  expect(chosenCells(changes, chosen)).toEqual([
    { t: 2, z: 0, take: "SECOND", first: null, second: 5 },
    { t: 2, z: 0, take: "SECOND", first: 6, second: null },
    { t: 2, z: 0, take: "SECOND", first: 3, second: 7 },
    { t: 2, z: 0, take: "SECOND", first: 8, second: 8 },
  ]);
  expect(chosenCells(changes, next(chosen, changes[0], undefined))).toHaveLength(3);
  expect(keyOf(changes[0])).not.toBe(keyOf(cell("REMOVED", 5)));
});
