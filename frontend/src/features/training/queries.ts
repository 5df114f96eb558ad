import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { nextOffset } from "@/api/paging";
import type { Schema } from "@/api/types";
import type { Job, Picture, Point, SnapshotRule } from "./types";

const PAGE = 200;
const MOST_ROWS = 1_000;

const at = (id: string) => ({ params: { path: { id } } }) as const;

export const jobsQuery = (project: string, kind: string) =>
  infiniteQueryOptions({
    queryKey: ["jobs", { project, kind }],
    queryFn: async ({ pageParam }) => {
      const page = await data(api.GET("/api/v1/jobs/", { params: { query: { project, kind, limit: PAGE, offset: pageParam } } }));
      return { count: page.count, results: page.results as Job[] };
    },
    initialPageParam: 0,
    getNextPageParam: nextOffset,
  });

export const jobQuery = (id: string) => queryOptions({ queryKey: ["jobs", id], queryFn: () => data(api.GET("/api/v1/jobs/{id}/", at(id))) as Promise<Job> });

export async function readNews(id: string, after: number): Promise<{ points: Point[]; next: number }> {
  const news = await data(api.GET("/api/v1/jobs/{id}/progress/", { params: { path: { id }, query: { after } } }));
  return { points: news.points as Point[], next: news.next };
}

export const picturesQuery = (id: string) =>
  queryOptions({
    queryKey: ["job-progress", id, "pictures"],
    queryFn: async () => (await data(api.GET("/api/v1/jobs/{id}/pictures/", { params: { path: { id }, query: { limit: MOST_ROWS } } }))).results as Picture[],
  });

export const pictureAddress = (job: string, name: string) => `/api/v1/jobs/${job}/pictures/${encodeURIComponent(name)}/`;

export const logQuery = (id: string) =>
  queryOptions({ queryKey: ["job-progress", id, "log"], queryFn: () => data(api.GET("/api/v1/jobs/{id}/log/", at(id))) });

export { recipesQuery } from "@/api/recipes";

export const modelsQuery = (project: string) =>
  queryOptions({
    queryKey: ["trained-models", { project, names: true }],
    queryFn: async () => (await data(api.GET("/api/v1/trained-models/", { params: { query: { project, limit: MOST_ROWS } } }))).results,
  });

export const modelQuery = (id: string) => queryOptions({ queryKey: ["trained-models", id], queryFn: () => data(api.GET("/api/v1/trained-models/{id}/", at(id))) });

export const previewQuery = (rule: SnapshotRule) =>
  queryOptions({
    queryKey: ["snapshot-preview", rule],
    queryFn: () => data(api.POST("/api/v1/snapshots/preview/", { body: rule })),
    placeholderData: keepPreviousData,
    enabled: rule.dataset_ids.length + rule.image_ids.length > 0,
    staleTime: 5_000,
  });

export const freeze = (rule: SnapshotRule, name: string) => data(api.POST("/api/v1/snapshots/", { body: { ...rule, name } }));
export const startJob = (job: Schema["JobInRequest"]) => data(api.POST("/api/v1/jobs/", { body: job })) as Promise<Job>;
export const cancelJob = (id: string) => data(api.POST("/api/v1/jobs/{id}/cancel/", at(id))) as Promise<Job>;
export const retryJob = (id: string) => data(api.POST("/api/v1/jobs/{id}/retry/", at(id))) as Promise<Job>;

/** Whether one of the images that are chosen, or of the datasets, has several frames. */
export const hasMoviesQuery = (datasets: readonly string[], images: readonly string[]) =>
  queryOptions({
    queryKey: ["has-movies", { datasets, images }],
    queryFn: async () => {
      for (const image of images) if ((await data(api.GET("/api/v1/images/{id}/", at(image)))).size_t > 1) return true;
      for (const dataset of images.length > 0 ? [] : datasets) {
        const page = await data(api.GET("/api/v1/images/", { params: { query: { dataset, limit: 500 } } }));
        if (page.results.some(({ size_t }) => size_t > 1)) return true;
      }
      return false;
    },
  });

/** Names of the channels of the first image that is chosen; all images of a training have them. */
export const channelsQuery = (datasets: readonly string[], images: readonly string[]) =>
  queryOptions({
    queryKey: ["channels", { datasets, images }],
    queryFn: async () => {
      const [image] = images;
      if (image) return (await data(api.GET("/api/v1/images/{id}/", at(image)))).channel_names;
      const page = await data(api.GET("/api/v1/images/", { params: { query: { dataset: datasets[0] ?? "", limit: 1 } } }));
      return page.results[0]?.channel_names ?? [];
    },
  });
