import { NO_FACTS, type CellRecord } from "@/editor";
import { api, data } from "@/api/client";
import { readCells } from "../queries";

/** Every cell of a branch with its frames; the gaps of tracks come with the list of tracks, which a still has not. */
export async function readCellRecords(branch: string, revision: number | undefined, frames = 2): Promise<CellRecord[]> {
  const [cells, gaps] = await Promise.all([readCells(branch, revision), frames > 1 ? readGaps(branch, revision) : NO_GAPS]);
  return cells.map(({ cell, facts, first_t, last_t }) => ({
    cell,
    facts: { ...NO_FACTS, ...facts },
    first_t: first_t ?? undefined,
    last_t: last_t ?? undefined,
    gaps: gaps.get(cell),
  }));
}

type Gaps = ReadonlyMap<number, readonly (readonly [number, number])[]>;

const NO_GAPS: Gaps = new Map();

async function readGaps(branch: string, revision: number | undefined): Promise<Gaps> {
  const { results } = await data(api.GET("/api/v1/branches/{id}/tracks/", { params: { path: { id: branch }, query: { revision } } }));
  return new Map(results.filter(({ gaps }) => gaps.length > 0).map(({ cell, gaps }) => [cell, gaps.map(([first = 0, last = 0]) => [first, last] as const)]));
}
