import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, type Page } from "@/api/loose";

export interface Person {
  id: string;
  name: string;
}

export type TaskState = "OPEN" | "ASSIGNED" | "SUBMITTED" | "ACCEPTED" | "RETURNED" | "CANCELLED";
export type TaskKind = "LABEL" | "CORRECT";
export type Role = "OWNER" | "MANAGER" | "REVIEWER" | "ANNOTATOR" | "VIEWER";

export interface Task {
  id: string;
  kind: TaskKind;
  title: string;
  state: TaskState;
  image: { id: string; name: string; dataset: string; size_t: number };
  branch: { id: string; name: string; author_name: string };
  assignee: Person | null;
  lease_until: string | null;
  priority: number;
  updated_at: string;
}

export interface Project {
  id: string;
  name: string;
  team: string;
  role: Role;
}

export interface Image {
  id: string;
  name: string;
  accepted_number: number | null;
}

const PAGE = 200;

export interface TaskFilter {
  project: string;
  state?: string;
  kind?: string;
  mine?: boolean;
}

export const tasksQuery = (filter: TaskFilter) =>
  infiniteQueryOptions({
    queryKey: ["tasks", filter],
    queryFn: ({ pageParam, signal }) => call<Page<Task>>("GET", "tasks/", { query: { ...filter, offset: pageParam, limit: PAGE }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (page.next ? pages.length * PAGE : undefined),
  });

export const projectQuery = (id: string) =>
  queryOptions({ queryKey: ["projects", id], queryFn: ({ signal }) => call<Project>("GET", `projects/${id}/`, { signal }) });

export const membersQuery = (team: string) =>
  queryOptions({
    queryKey: ["members", team],
    queryFn: ({ signal }) => call<Page<{ id: string; user: Person; role: Role }>>("GET", `teams/${team}/members/`, { query: { limit: 500 }, signal }),
    select: (page) => page.results,
  });

export const datasetQuery = (id: string) =>
  queryOptions({
    queryKey: ["datasets", id],
    queryFn: ({ signal }) => call<{ id: string; name: string; image_count: number }>("GET", `datasets/${id}/`, { signal }),
  });

export const imagesQuery = (dataset: string) =>
  queryOptions({ queryKey: ["images", { dataset, all: true }], queryFn: ({ signal }) => everyImage(dataset, signal) });

async function everyImage(dataset: string, signal: AbortSignal): Promise<Image[]> {
  const images: Image[] = [];
  for (;;) {
    const page = await call<Page<Image>>("GET", "images/", { query: { dataset, state: "READY", limit: 1000, offset: images.length }, signal });
    images.push(...page.results);
    if (!page.next || page.results.length === 0) return images;
  }
}

/** Undefined when nothing waits. */
export const takeNext = (project: string) => call<Task | undefined>("POST", "tasks/next/", { body: { project } });
export const assignTask = (id: string, assignee: string) => call<Task>("POST", `tasks/${id}/assign/`, { body: { assignee } });
export const releaseTask = (id: string) => call<Task>("POST", `tasks/${id}/release/`, { body: {} });
export const cancelTask = (id: string) => call<Task>("POST", `tasks/${id}/cancel/`, { body: {} });

export interface NewTask {
  image: string;
  kind: TaskKind;
  title: string;
  priority: number;
  assignee?: string;
}
export const createTask = (task: NewTask) => call<Task>("POST", "tasks/", { body: task });
