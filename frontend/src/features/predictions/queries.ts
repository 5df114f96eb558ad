import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { nextOffset } from "@/api/paging";
import type { SettingValue } from "@/api/recipes";
import type { Schema } from "@/api/types";

export type Prediction = Required<Schema["PredictionOut"]>;
export type Model = Schema["TrainedModelOut"];
export type Estimate = Schema["EstimateOut"];

const PAGE = 200;
const MOST_ROWS = 1_000;

/** Of every project one may see, unless the filter says which. */
export const predictionsQuery = (filter: { trained_model?: string; job?: string; project?: string }) =>
  infiniteQueryOptions({
    queryKey: ["predictions", filter],
    queryFn: async ({ pageParam }) => {
      const page = await data(api.GET("/api/v1/predictions/", { params: { query: { ...filter, limit: PAGE, offset: pageParam } } }));
      return { count: page.count, results: page.results as Prediction[] };
    },
    initialPageParam: 0,
    getNextPageParam: nextOffset,
  });

export const modelsQuery = (project: string) =>
  queryOptions({
    queryKey: ["trained-models", { project, names: true }],
    queryFn: async () => (await data(api.GET("/api/v1/trained-models/", { params: { query: { project, limit: MOST_ROWS } } }))).results,
  });

export type PredictOrder = Pick<Schema["JobInRequest"], "project" | "recipe" | "trained_model" | "dataset" | "image_ids" | "make_tasks" | "name" | "branch" | "settings" | "link" | "link_model">;

/** The recipe of linkers that learn. */
export const LEARNED = "learn_links";

export type LinkSettings = Readonly<Record<string, SettingValue>>;

/** What people have said of the links of a branch, all of which a linker keeps. */
export const humanLinksQuery = (branch: string) =>
  queryOptions({ queryKey: ["human-links", branch], queryFn: () => data(api.GET("/api/v1/branches/{id}/human-links/", { params: { path: { id: branch } } })) });

const asJob = (order: PredictOrder): Schema["JobInRequest"] => ({ kind: "PREDICT", seed: 0, ...order });

export const estimateQuery = (order: PredictOrder | null) =>
  queryOptions({
    queryKey: ["estimate", order],
    queryFn: () => (order ? data(api.POST("/api/v1/jobs/estimate/", { body: asJob(order) })) : Promise.reject(new Error("Nothing is chosen yet."))),
    enabled: order !== null,
    retry: false,
  });

export const startPrediction = (order: PredictOrder) => data(api.POST("/api/v1/jobs/", { body: asJob(order) }));

export const evaluatePrediction = (prediction: string) => data(api.POST("/api/v1/evaluations/", { body: { prediction, predict_missing: false } }));
