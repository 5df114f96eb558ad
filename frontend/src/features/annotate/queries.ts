import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, type Page } from "@/api/loose";
import { openPixels } from "./document/pixels";
import type { reviewBody } from "./review/draft";
import type { Branch, ChangedCell, Image, LabelClass, ListedCell, Note, Revision, Task } from "./types";

const PAGE = 100;

export const imageQuery = (id: string) =>
  queryOptions({ queryKey: ["annotate", "image", id], queryFn: ({ signal }) => call<Image>("GET", `images/${id}/`, { signal }) });

export const pixelsQuery = (image: string) =>
  queryOptions({ queryKey: ["annotate", "pixels", image], queryFn: () => openPixels(image), staleTime: Infinity });

export const neighboursQuery = (dataset: string) =>
  queryOptions({
    queryKey: ["annotate", "neighbours", dataset],
    queryFn: ({ signal }) => call<Page<Pick<Image, "id" | "name">>>("GET", "images/", { query: { dataset, limit: 1000 }, signal }),
    select: (page) => page.results,
    staleTime: 60_000,
  });

export const branchesQuery = (image: string) =>
  queryOptions({
    queryKey: ["branches", { image }],
    queryFn: ({ signal }) => call<Page<Branch>>("GET", `images/${image}/branches/`, { signal }),
    select: (page) => page.results,
  });

export const cellsQuery = (branch: string, revision: number | undefined) =>
  queryOptions({
    queryKey: ["cells", branch, revision ?? "head"],
    queryFn: ({ signal }) => readCells(branch, revision, signal),
    staleTime: Infinity,
  });

export async function readCells(branch: string, revision: number | undefined, signal?: AbortSignal): Promise<ListedCell[]> {
  const answer = await call<Page<ListedCell>>("GET", `branches/${branch}/cells/`, { query: { revision, limit: 100_000 }, signal });
  return answer.results;
}

export const revisionsQuery = (branch: string) =>
  infiniteQueryOptions({
    queryKey: ["branches", branch, "revisions"],
    queryFn: ({ pageParam, signal }) =>
      call<Page<Revision>>("GET", `branches/${branch}/revisions/`, { query: { offset: pageParam, limit: PAGE }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (page.next ? pages.length * PAGE : undefined),
  });

export const classesQuery = (project: string) =>
  queryOptions({
    queryKey: ["classes", project],
    queryFn: ({ signal }) => call<Page<LabelClass>>("GET", `projects/${project}/classes/`, { query: { limit: 500 }, signal }),
    select: (page) => page.results,
  });

export const taskQuery = (id: string) =>
  queryOptions({ queryKey: ["tasks", id], queryFn: ({ signal }) => call<Task>("GET", `tasks/${id}/`, { signal }) });

export const notesQuery = (task: string) =>
  queryOptions({
    queryKey: ["tasks", task, "notes"],
    queryFn: ({ signal }) => call<Page<Note>>("GET", `tasks/${task}/notes/`, { query: { limit: 500 }, signal }),
    select: (page) => page.results,
  });

export const resolveNote = (id: string, resolved: boolean) => call<Note>("PATCH", `notes/${id}/`, { body: { resolved } });
export const restoreRevision = (branch: string, number: number) =>
  call<{ number: number }>("POST", `branches/${branch}/restore/`, { body: { number } });
export const submitTask = (id: string) => call<Task>("POST", `tasks/${id}/submit/`, { body: {} });
/** Undefined when nothing waits. */
export const nextTask = (project: string, kind?: Task["kind"]) => call<Task | undefined>("POST", "tasks/next/", { body: { project, kind } });

interface Named {
  id: string;
  name: string;
}

export const projectQuery = (id: string) =>
  queryOptions({ queryKey: ["projects", id], queryFn: ({ signal }) => call<Named>("GET", `projects/${id}/`, { signal }), staleTime: 300_000 });

export const datasetQuery = (id: string) =>
  queryOptions({ queryKey: ["datasets", id], queryFn: ({ signal }) => call<Named>("GET", `datasets/${id}/`, { signal }), staleTime: 300_000 });

export const branchQuery = (id: string) =>
  queryOptions({ queryKey: ["branches", id], queryFn: ({ signal }) => call<Branch>("GET", `branches/${id}/`, { signal }) });

export const changesQuery = (task: string, number: number | null) =>
  queryOptions({
    queryKey: ["annotate", "changes", task, number],
    queryFn: ({ signal }) => everyPage<ChangedCell>(`tasks/${task}/changes/`, signal),
  });

async function everyPage<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const rows: T[] = [];
  for (;;) {
    const page = await call<Page<T>>("GET", path, { query: { limit: 1000, offset: rows.length }, signal });
    rows.push(...page.results);
    if (!page.next || page.results.length === 0) return rows;
  }
}

export const submittedQuery = (project: string) =>
  queryOptions({
    queryKey: ["tasks", { project, state: "SUBMITTED" }],
    queryFn: ({ signal }) => call<Page<Task>>("GET", "tasks/", { query: { project, state: "SUBMITTED", limit: 100 }, signal }),
    select: (page) => page.results,
  });

export const postReview = (task: string, body: ReturnType<typeof reviewBody>) =>
  call<unknown>("POST", `tasks/${task}/reviews/`, { body });
