import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, type Page } from "@/api/loose";
import type { Dataset, Job, JobNews, Picture, Recipe, Snapshot, SnapshotPreview, SnapshotRule, TrainedModel } from "./types";

const PAGE = 200;

export const jobsQuery = (project: string, filter: { kind?: string; state?: string }) =>
  infiniteQueryOptions({
    queryKey: ["jobs", { project, ...filter }],
    queryFn: ({ pageParam, signal }) => call<Page<Job>>("GET", "jobs/", { query: { project, ...filter, limit: PAGE, offset: pageParam }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (page.next ? pages.length * PAGE : undefined),
  });

export const jobQuery = (id: string) => queryOptions({ queryKey: ["jobs", id], queryFn: ({ signal }) => call<Job>("GET", `jobs/${id}/`, { signal }) });

export const readNews = (id: string, after: number, signal?: AbortSignal) => call<JobNews>("GET", `jobs/${id}/progress/`, { query: { after }, signal });

export const picturesQuery = (id: string) =>
  queryOptions({
    queryKey: ["job-progress", id, "pictures"],
    queryFn: ({ signal }) => call<Page<Picture>>("GET", `jobs/${id}/pictures/`, { query: { limit: 1000 }, signal }),
    select: (page) => page.results,
  });

export const pictureAddress = (job: string, name: string) => `/api/v1/jobs/${job}/pictures/${encodeURIComponent(name)}/`;

export const logQuery = (id: string) =>
  queryOptions({ queryKey: ["job-progress", id, "log"], queryFn: ({ signal }) => call<{ text: string }>("GET", `jobs/${id}/log/`, { signal }) });

export const recipesQuery = queryOptions({
  queryKey: ["recipes"],
  queryFn: ({ signal }) => call<Recipe[]>("GET", "recipes/", { signal }),
  staleTime: Infinity,
});

export const datasetsQuery = (project: string) =>
  queryOptions({
    queryKey: ["datasets", { project, all: true }],
    queryFn: ({ signal }) => call<Page<Dataset>>("GET", "datasets/", { query: { project, limit: 1000 }, signal }),
    select: (page) => page.results,
  });

export const modelsQuery = (project: string) =>
  queryOptions({
    queryKey: ["trained-models", { project }],
    queryFn: ({ signal }) => call<Page<TrainedModel>>("GET", "trained-models/", { query: { project, limit: 1000 }, signal }),
    select: (page) => page.results,
  });

export const previewQuery = (rule: SnapshotRule) =>
  queryOptions({
    queryKey: ["snapshot-preview", rule],
    queryFn: ({ signal }) => call<SnapshotPreview>("POST", "snapshots/preview/", { body: rule, signal }),
    placeholderData: keepPreviousData,
    enabled: rule.dataset_ids.length + rule.image_ids.length > 0,
    staleTime: 5_000,
  });

export const freeze = (rule: SnapshotRule, name: string) => call<Snapshot>("POST", "snapshots/", { body: { ...rule, name } });

export interface NewJob {
  project: string;
  kind: Job["kind"];
  recipe: string;
  snapshot: string;
  settings: Job["settings"];
  seed: number;
  minutes: number | null;
  name: string;
  init_from: string | null;
}
export const startJob = (job: NewJob) => call<Job>("POST", "jobs/", { body: job });
export const cancelJob = (id: string) => call<Job>("POST", `jobs/${id}/cancel/`, { body: {} });
export const retryJob = (id: string) => call<Job>("POST", `jobs/${id}/retry/`, { body: {} });
