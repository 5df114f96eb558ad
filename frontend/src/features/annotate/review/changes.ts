import type { ChangedCell } from "../types";

/** What needs a look first: the least alike, then the larger; a whole cell added or removed counts as not alike at all. */
export function orderChanges(changes: readonly ChangedCell[]): ChangedCell[] {
  return [...changes].sort((a, b) => (a.iou ?? 0) - (b.iou ?? 0) || a.t - b.t || a.z - b.z || a.cell - b.cell);
}

export function countKinds(changes: readonly ChangedCell[]): Record<ChangedCell["kind"], number> {
  const counts = { ADDED: 0, REMOVED: 0, CHANGED: 0 };
  for (const change of changes) counts[change.kind] += 1;
  return counts;
}
