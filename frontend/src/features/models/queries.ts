import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";
import type { TrainedModel, TrainedModelDetail } from "./types";

const MOST_ROWS = 1_000;
const at = (id: string) => ({ params: { path: { id } } }) as const;

export const modelsQuery = (project: string) =>
  queryOptions({
    queryKey: ["trained-models", { project }],
    queryFn: async () => (await data(api.GET("/api/v1/trained-models/", { params: { query: { project, limit: MOST_ROWS } } }))).results as TrainedModel[],
  });

export const modelQuery = (id: string) =>
  queryOptions({
    queryKey: ["trained-models", id],
    queryFn: () => data(api.GET("/api/v1/trained-models/{id}/", at(id))) as Promise<TrainedModelDetail>,
  });

export const snapshotItemsQuery = (id: string) =>
  queryOptions({
    queryKey: ["snapshots", id, "items"],
    queryFn: async () => (await data(api.GET("/api/v1/snapshots/{id}/", at(id)))).items,
    staleTime: Infinity,
  });

/** All points of the finished training. */
export const pointsQuery = (job: string) =>
  queryOptions({
    queryKey: ["model-curve", job],
    queryFn: async () => (await data(api.GET("/api/v1/jobs/{id}/progress/", { params: { path: { id: job }, query: { after: 0 } } }))).points,
    staleTime: Infinity,
  });

/** Pictures of the last step that has any. */
export const lastPicturesQuery = (job: string) =>
  queryOptions({
    queryKey: ["model-pictures", job],
    queryFn: async () => {
      const all = (await data(api.GET("/api/v1/jobs/{id}/pictures/", { params: { path: { id: job }, query: { limit: MOST_ROWS } } }))).results;
      const last = Math.max(...all.map((picture) => picture.step ?? 0));
      return all.filter((picture) => (picture.step ?? 0) === last);
    },
    staleTime: Infinity,
  });

export const pictureAddress = (job: string, name: string) => `/api/v1/jobs/${job}/pictures/${encodeURIComponent(name)}/`;

/** Jobs that predicted with the model or went on from it. */
export const usesQuery = (project: string, model: string) =>
  queryOptions({
    queryKey: ["jobs", { project, uses: model }],
    queryFn: async () => {
      const page = await data(api.GET("/api/v1/jobs/", { params: { query: { project, kind: "PREDICT,TRAIN,EVALUATE", limit: MOST_ROWS } } }));
      return page.results.filter((job) => job.trained_model === model || job.init_from === model);
    },
  });

export const changeModel = (id: string, change: Schema["PatchedTrainedModelChangeInRequest"]) =>
  data(api.PATCH("/api/v1/trained-models/{id}/", { ...at(id), body: change })) as Promise<TrainedModelDetail>;
export const deleteModel = (id: string) => data(api.DELETE("/api/v1/trained-models/{id}/", at(id)));
export const downloadAddress = (id: string) => `/api/v1/trained-models/${id}/download/`;
