import { NO_FACTS, decodeFrame, type CellFacts, type Edit, type Frame, type FrameRequest, type IdBlock } from "@/editor";
import { ApiError, isApiError } from "@/api/errors";
import { send } from "@/api/http";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";
import type { Collision, Batch } from "../saving/pile";
import type { SendResult } from "../saving/autosave";

/** Bytes of one frame's labels; at a revision when one is given, else the newest. */
export async function readFrame(branch: string, revision: number | undefined, request: FrameRequest, signal?: AbortSignal): Promise<Frame> {
  const url = new URL(`/api/v1/branches/${branch}/labels/`, location.origin);
  const { tiles, ...rest } = request;
  const asked = { ...rest, ...tiles, revision };
  for (const [key, value] of Object.entries(asked)) if (value !== undefined) url.searchParams.set(key, String(value));
  const answer = await send(new Request(url, { signal }));
  const frame = await decodeFrame(new Uint8Array(await answer.arrayBuffer()));
  // Bytes that the browser kept were written when they were read; the answer's head says that they still hold.
  return { ...frame, head: Math.max(frame.head, Number(answer.headers.get("X-Head-Revision") ?? 0)) };
}

export const reserveIds = (id: string, count: number): Promise<IdBlock> =>
  data(api.POST("/api/v1/branches/{id}/cell-ids/", { params: { path: { id } }, body: { count } }));

/** Facts of these cells as the server has them now; a cell that does not exist is left out. */
export async function readFacts(branch: string, cells: readonly number[]): Promise<Map<number, CellFacts>> {
  const found = new Map<number, CellFacts>();
  for (let from = 0; from < cells.length; from += MOST_LOOKED_UP) {
    const body = JSON.stringify({ cells: cells.slice(from, from + MOST_LOOKED_UP) });
    const url = new URL(`/api/v1/branches/${branch}/cells/look-up/`, location.origin);
    const answer = await send(new Request(url, { method: "POST", headers: { "Content-Type": "application/json" }, body }));
    const { results } = (await answer.json()) as { results: { cell: number; facts: Partial<CellFacts> }[] };
    for (const { cell, facts } of results) found.set(cell, { ...NO_FACTS, ...facts });
  }
  return found;
}

const MOST_LOOKED_UP = 1_000;

/** One edit as the server has numbered it. */
export interface LoggedEdit {
  readonly number: number;
  readonly edit: Edit;
}

export async function readEditsAfter(id: string, after: number): Promise<LoggedEdit[]> {
  const log: LoggedEdit[] = [];
  for (let from: number | null = after; from !== null; ) {
    const query = { after: from, limit: 1000 };
    const page: Schema["EditLogOut"] = await data(api.GET("/api/v1/branches/{id}/edits/", { params: { path: { id }, query } }));
    log.push(...page.results.map(({ revision, edit }) => ({ number: revision.number, edit: wholeEdit(edit) })));
    from = page.next_after;
  }
  return log;
}

type LooseEdit = Omit<Edit, "cells" | "undoes" | "parameters"> & {
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly undoes?: string | null;
  readonly cells: readonly { readonly cell: number; readonly before: Partial<CellFacts> | null; readonly after: Partial<CellFacts> | null }[];
};

/** Edits written before a fact existed say nothing of it. */
export const wholeEdit = ({ undoes, parameters, ...edit }: LooseEdit): Edit => ({
  ...edit,
  ...(undoes && { undoes }),
  ...(parameters && { parameters: parameters as Edit["parameters"] }),
  cells: edit.cells.map(({ cell, before, after }) => ({ cell, before: wholeFacts(before), after: wholeFacts(after) })),
});

const wholeFacts = (facts: Partial<CellFacts> | null): CellFacts | null => facts && { ...NO_FACTS, ...facts };

/** Browsers refuse larger bodies after the page has gone; the pile in the browser's database is sent next time. */
const KEEPALIVE_BYTES = 60_000;

/** Answers that another try will not change; everything else is the network's or the server's passing trouble. */
const FINAL = new Set([400, 403, 404, 413, 422]);

export async function sendBatch(branch: string, batch: Batch, how: { keepalive: boolean }): Promise<SendResult> {
  const body = JSON.stringify({ batch_id: batch.batchId, base: batch.base, edits: batch.edits, on_conflict: batch.onConflict });
  try {
    const answer = await send(
      new Request(new URL(`/api/v1/branches/${branch}/revisions/`, location.origin), {
        method: "POST",
        keepalive: how.keepalive && body.length < KEEPALIVE_BYTES,
        headers: { "Content-Type": "application/json" },
        body,
      }),
    );
    const { number, rebased } = (await answer.json()) as { number: number; rebased: boolean };
    return { kind: "saved", number, rebased };
  } catch (error) {
    return resultOf(error, batch);
  }
}

function resultOf(error: unknown, batch: Batch): SendResult {
  if (isApiError(error, "stale_revision")) {
    const { head, collisions } = error.body as { head: number; collisions: Collision[] };
    return { kind: "stale", head, collisions };
  }
  if (isApiError(error, "edit_does_not_fit")) {
    const { cells } = error.body as { cells?: number[] };
    return { kind: "stale", head: batch.base, collisions: collisionsOn(new Set(cells), batch.edits) };
  }
  if (error instanceof ApiError && FINAL.has(error.status)) return { kind: "refused", reason: error.message };
  return { kind: "unreachable" };
}

/** Edits that no longer fit collide with whatever is now in their cells. */
function collisionsOn(cells: ReadonlySet<number>, edits: readonly Edit[]): Collision[] {
  return edits.flatMap((edit) => [
    ...edit.pixels.filter(({ cell }) => cells.has(cell)).map(({ cell, t, z }) => ({ cell, t, z, other_cell: cell, edit: edit.id })),
    ...(edit.moves ?? []).filter(({ cell, to }) => cells.has(cell) || cells.has(to)).map(({ cell, to, first }) => ({ cell, t: first, z: null, other_cell: to, edit: edit.id })),
  ]);
}
