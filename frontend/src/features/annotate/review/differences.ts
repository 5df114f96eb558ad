import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";
import type { SameCell } from "./compare-tiles";
import type { State } from "./compare-overlay";
import type { ChangedCell } from "../types";

export type Differences = Schema["DifferencesOut"];
export type Difference = Schema["CellDifferenceOut"];

const EVERY_ROW = 100_000;

export const differencesQuery = (image: string, base: State, target: State) =>
  queryOptions({
    queryKey: ["annotate", "differences", image, base.branch, base.number, target.branch, target.number],
    queryFn: () =>
      data(
        api.GET("/api/v1/images/{id}/differences/", {
          params: {
            path: { id: image },
            query: { base: base.branch, base_revision: base.number, target: target.branch, target_revision: target.number, limit: EVERY_ROW },
          },
        }),
      ),
    staleTime: Infinity,
  });

/** The rows as the list of changes shows them. */
export function listed(rows: readonly Difference[], oneBranch: boolean): ChangedCell[] {
  return rows.map(({ cell, base_cell, change, t, z, iou, y, x }) => ({
    cell,
    change,
    t,
    z,
    iou,
    y,
    x,
    ...(base_cell !== null && base_cell !== cell && { baseCell: base_cell }),
    ...(change === "REMOVED" && !oneBranch && { isElsewhere: true }),
  }));
}

/**
 * Who is who in each frame of two branches: the rows name every pair that differs, and whoever they do not name has
 * exactly the same pixels on the other side.
 */
export function namesOf(rows: readonly Difference[]): (t: number, z: number) => SameCell {
  const frames = new Map<string, { after: Map<number, number>; named: Set<number> }>();
  for (const { cell, base_cell, change, t, z } of rows) {
    const key = `${t}/${z}`;
    const frame = frames.get(key) ?? { after: new Map<number, number>(), named: new Set<number>() };
    frames.set(key, frame);
    if (base_cell !== null) frame.after.set(base_cell, change === "REMOVED" ? 0 : cell);
    if (change !== "REMOVED") frame.named.add(cell);
  }
  return (t, z) => {
    const frame = frames.get(`${t}/${z}`);
    if (!frame) return () => true;
    return (before, after) => (frame.after.has(before) ? frame.after.get(before) === after : !frame.named.has(after));
  };
}
