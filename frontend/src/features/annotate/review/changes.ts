import type { ChangedCell } from "../types";

/** What needs a look first: the least alike; a whole cell added or removed is not alike at all, changed facts come last. */
export function orderChanges(changes: readonly ChangedCell[]): ChangedCell[] {
  return [...changes].sort((a, b) => likeness(a) - likeness(b) || (a.t ?? 0) - (b.t ?? 0) || (a.z ?? 0) - (b.z ?? 0) || a.cell - b.cell);
}

export function countKinds(changes: readonly ChangedCell[]): Record<ChangedCell["change"], number> {
  const counts = { ADDED: 0, REMOVED: 0, CHANGED: 0, RENAMED: 0, FACTS: 0 };
  for (const change of changes) counts[change.change] += 1;
  return counts;
}

function likeness({ change, iou }: ChangedCell): number {
  return change === "FACTS" ? 1 : (iou ?? 0);
}
