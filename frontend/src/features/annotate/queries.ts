import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { ALL, nextOffset } from "@/api/paging";
import type { Schema } from "@/api/types";
import { openPixels } from "./document/pixels";
import type { reviewBody } from "./review/draft";
import type { Branch, ChangedCell, ListedCell, Note, Page, Revision, Task } from "./types";

const PAGE = 100;
const MOST_CELLS = 100_000;
const MOST_ROWS = 1_000;

const at = (id: string) => ({ params: { path: { id } } }) as const;

export { branchQuery, imageQuery, readBranch } from "@/api/images";

export const pixelsQuery = (image: string) =>
  queryOptions({ queryKey: ["annotate", "pixels", image], queryFn: () => openPixels(image), staleTime: Infinity });

export const neighboursQuery = (dataset: string) =>
  queryOptions({
    queryKey: ["annotate", "neighbours", dataset],
    queryFn: async () => (await data(api.GET("/api/v1/images/", { params: { query: { dataset, limit: MOST_ROWS } } }))).results,
    staleTime: 60_000,
  });

export const branchesQuery = (image: string) =>
  queryOptions({
    queryKey: ["annotate", "branches", image],
    queryFn: async () => (await data(api.GET("/api/v1/images/{id}/branches/", { params: { path: { id: image }, query: ALL } }))).results as Branch[],
  });

export const cellsQuery = (branch: string, revision: number | undefined) =>
  queryOptions({
    queryKey: ["cells", branch, revision ?? "head"],
    queryFn: () => readCells(branch, revision),
    staleTime: Infinity,
  });

export async function readCells(branch: string, revision: number | undefined): Promise<ListedCell[]> {
  const query = { revision, limit: MOST_CELLS };
  return (await data(api.GET("/api/v1/branches/{id}/cells/", { params: { path: { id: branch }, query } }))).results;
}

export const revisionsQuery = (branch: string) =>
  infiniteQueryOptions({
    queryKey: ["annotate", "revisions", branch],
    queryFn: ({ pageParam }) => readRevisions(branch, pageParam),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
  });

export const readRevisions = (branch: string, offset: number) =>
  data(api.GET("/api/v1/branches/{id}/revisions/", { params: { path: { id: branch }, query: { offset, limit: PAGE } } })) as Promise<Page<Revision>>;

export const taskQuery = (id: string) =>
  queryOptions({ queryKey: ["tasks", id], queryFn: () => data(api.GET("/api/v1/tasks/{id}/", at(id))) as Promise<Task> });

export const notesQuery = (task: string) =>
  queryOptions({
    queryKey: ["tasks", task, "notes"],
    queryFn: async () => (await data(api.GET("/api/v1/tasks/{id}/notes/", { params: { path: { id: task }, query: ALL } }))).results as Note[],
  });

export const changesQuery = (task: string, number: number | null) =>
  queryOptions({ queryKey: ["annotate", "changes", task, number], queryFn: () => everyChange(task) });

async function everyChange(id: string): Promise<ChangedCell[]> {
  const rows: ChangedCell[] = [];
  for (;;) {
    const query = { limit: MOST_ROWS, offset: rows.length };
    const page = await data(api.GET("/api/v1/tasks/{id}/changes/", { params: { path: { id }, query } }));
    rows.push(...page.results.map(({ base_cell, ...row }) => ({ ...row, ...(base_cell !== null && base_cell !== row.cell && { baseCell: base_cell }) })));
    if (!page.next || page.results.length === 0) return rows;
  }
}

export const resolveNote = (id: string, resolved: boolean) => data(api.PATCH("/api/v1/notes/{id}/", { ...at(id), body: { resolved } }));
export const restoreRevision = (branch: string, number: number) => data(api.POST("/api/v1/branches/{id}/restore/", { ...at(branch), body: { number } }));
export const submitTask = (id: string) => data(api.POST("/api/v1/tasks/{id}/submit/", at(id))) as Promise<Task>;
export const assignTask = (id: string, assignee: string) => data(api.POST("/api/v1/tasks/{id}/assign/", { ...at(id), body: { assignee } })) as Promise<Task>;
/** Undefined when nothing waits. */
export const nextTask = (project: string) => data(api.POST("/api/v1/tasks/next/", { body: { project } })) as Promise<Task | undefined>;
export const postReview = (task: string, body: ReturnType<typeof reviewBody>): Promise<Schema["ReviewOut"]> =>
  data(api.POST("/api/v1/tasks/{id}/reviews/", { ...at(task), body }));
