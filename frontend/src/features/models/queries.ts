import { queryOptions } from "@tanstack/react-query";
import { call, type Page } from "@/api/loose";
import type { Point, SnapshotItem, TrainedModel, TrainedModelDetail } from "./types";

export const modelsQuery = (project: string) =>
  queryOptions({
    queryKey: ["trained-models", { project }],
    queryFn: ({ signal }) => call<Page<TrainedModel>>("GET", "trained-models/", { query: { project, limit: 1000 }, signal }),
    select: (page) => page.results,
  });

export const modelQuery = (id: string) =>
  queryOptions({ queryKey: ["trained-models", id], queryFn: ({ signal }) => call<TrainedModelDetail>("GET", `trained-models/${id}/`, { signal }) });

export const snapshotItemsQuery = (id: string) =>
  queryOptions({
    queryKey: ["snapshots", id],
    queryFn: ({ signal }) => call<{ items: SnapshotItem[] }>("GET", `snapshots/${id}/`, { signal }),
    select: (snapshot) => snapshot.items,
    staleTime: Infinity,
  });

/** All points of the finished training. */
export const pointsQuery = (job: string) =>
  queryOptions({
    queryKey: ["model-curve", job],
    queryFn: ({ signal }) => call<{ points: Point[] }>("GET", `jobs/${job}/progress/`, { query: { after: 0 }, signal }),
    select: (news) => news.points,
    staleTime: Infinity,
  });

interface Use {
  id: string;
  name: string;
  kind: string;
  state: string;
  trained_model: string | null;
  init_from: string | null;
  created_at: string;
}

/** Jobs that predicted with the model or went on from it. */
export const usesQuery = (project: string, model: string) =>
  queryOptions({
    queryKey: ["jobs", { project, uses: model }],
    queryFn: ({ signal }) => call<Page<Use>>("GET", "jobs/", { query: { project, kind: "PREDICT,TRAIN,EVALUATE", limit: 1000 }, signal }),
    select: (page) => page.results.filter((job) => job.trained_model === model || job.init_from === model),
  });

export const changeModel = (id: string, change: { name?: string; description?: string }) =>
  call<TrainedModelDetail>("PATCH", `trained-models/${id}/`, { body: change });
export const deleteModel = (id: string) => call<undefined>("DELETE", `trained-models/${id}/`);
export const downloadAddress = (id: string) => `/api/v1/trained-models/${id}/download/`;
