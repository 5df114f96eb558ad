/** Parts of a cell that do not touch. */
import type { Runs } from "./runs";

/** Connected parts (corners touch), in the order of their first run. */
export function componentsOf(runs: Runs): number[][] {
  const count = runs.length / 3;
  const parent = Array.from({ length: count }, (_, i) => i);
  joinRows(runs, (a, b) => {
    const [root, other] = [rootOf(parent, a), rootOf(parent, b)];
    parent[Math.max(root, other)] = Math.min(root, other);
  });
  const parts = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const root = rootOf(parent, i);
    const part = parts.get(root) ?? [];
    parts.set(root, part);
    part.push(runs[3 * i], runs[3 * i + 1], runs[3 * i + 2]);
  }
  return [...parts.values()];
}

function rootOf(parent: number[], of: number): number {
  let i = of;
  while (parent[i] !== i) {
    parent[i] = parent[parent[i]];
    i = parent[i];
  }
  return i;
}

/** Visits every pair of runs in neighbouring rows that touch. `above` never falls behind: runs are sorted. */
function joinRows(runs: Runs, visit: (a: number, b: number) => void): void {
  let above = 0;
  for (let i = 0; i < runs.length / 3; i++) {
    const [y, x, n] = [runs[3 * i], runs[3 * i + 1], runs[3 * i + 2]];
    while (runs[3 * above] < y - 1 || (runs[3 * above] === y - 1 && runs[3 * above + 1] + runs[3 * above + 2] < x)) above++;
    for (let j = above; runs[3 * j] === y - 1 && runs[3 * j + 1] <= x + n; j++) visit(j, i);
  }
}
