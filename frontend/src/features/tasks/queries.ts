import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Image } from "@/api/datasets";
import { nextOffset } from "@/api/paging";
import type { Schema } from "@/api/types";

export type Task = Required<Schema["TaskOut"]>;
export type TaskState = Task["state"];
export type TaskKind = Task["kind"];

const PAGE = 200;
const MOST_ROWS = 1_000;

export interface TaskFilter {
  project: string;
  state?: TaskState;
  kind?: TaskKind;
  mine?: boolean;
}

export const tasksQuery = (filter: TaskFilter) =>
  infiniteQueryOptions({
    queryKey: ["tasks", filter],
    queryFn: async ({ pageParam }) => {
      const page = await data(api.GET("/api/v1/tasks/", { params: { query: { ...filter, limit: PAGE, offset: pageParam } } }));
      return { count: page.count, results: page.results as Task[] };
    },
    initialPageParam: 0,
    getNextPageParam: nextOffset,
  });

/** Every ready image of a dataset. */
export const everyImageQuery = (dataset: string) =>
  queryOptions({ queryKey: ["images", "every", dataset], queryFn: () => everyImage(dataset) });

async function everyImage(dataset: string): Promise<Image[]> {
  const images: Image[] = [];
  for (;;) {
    const query = { dataset, state: "READY", limit: MOST_ROWS, offset: images.length } as const;
    const page = await data(api.GET("/api/v1/images/", { params: { query } }));
    images.push(...page.results);
    if (!page.next || page.results.length === 0) return images;
  }
}

const at = (id: string) => ({ params: { path: { id } } }) as const;

/** Undefined when nothing waits. */
export const takeNext = (project: string): Promise<Schema["TaskOut"] | undefined> => data(api.POST("/api/v1/tasks/next/", { body: { project } }));
export const assignTask = (id: string, assignee: string) => data(api.POST("/api/v1/tasks/{id}/assign/", { ...at(id), body: { assignee } }));
export const releaseTask = (id: string) => data(api.POST("/api/v1/tasks/{id}/release/", at(id)));
export const cancelTask = (id: string) => data(api.POST("/api/v1/tasks/{id}/cancel/", at(id)));

export type ShareOut = Required<Schema["ShareOutInRequest"]>;
export const shareOut = (project: string, body: ShareOut) => data(api.POST("/api/v1/projects/{id}/share-out/", { ...at(project), body }));

export type Ratings = Required<Schema["RatingsInRequest"]>;
/** Have the images of these tasks rated a second time, blind; answers the new tasks. */
export const askRatings = async (project: string, body: Ratings) => (await data(api.POST("/api/v1/projects/{id}/ratings/", { ...at(project), body }))).tasks;

export type NewTask = Schema["TaskInRequest"];
export const createTask = (task: NewTask) => data(api.POST("/api/v1/tasks/", { body: task }));
