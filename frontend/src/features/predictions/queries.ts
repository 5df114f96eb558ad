import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, type Page } from "@/api/loose";

export interface Prediction {
  id: string;
  job: string;
  trained_model: string;
  image: string;
  image_name: string;
  dataset: string;
  branch: string;
  revision: number;
  object_count: number;
  mean_quality: number | null;
  expected_wrong: number;
  task: string | null;
  task_state: string | null;
  correction: { untouched_count: number; changed_count: number; added_count: number; removed_count: number } | null;
  created_at: string;
}

export interface Model {
  id: string;
  name: string;
  version: number;
  recipe: string;
  scores: Record<string, Record<string, number>>;
}

export interface Dataset {
  id: string;
  name: string;
  image_count: number;
  accepted_count: number;
}

const PAGE = 200;

export const predictionsQuery = (project: string, filter: { trained_model?: string; job?: string }) =>
  infiniteQueryOptions({
    queryKey: ["predictions", { project, ...filter }],
    queryFn: ({ pageParam, signal }) => call<Page<Prediction>>("GET", "predictions/", { query: { project, ...filter, limit: PAGE, offset: pageParam }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (page.next ? pages.length * PAGE : undefined),
  });

export const modelsQuery = (project: string) =>
  queryOptions({
    queryKey: ["trained-models", { project }],
    queryFn: ({ signal }) => call<Page<Model>>("GET", "trained-models/", { query: { project, limit: 1000 }, signal }),
    select: (page) => page.results,
  });

export const datasetsQuery = (project: string) =>
  queryOptions({
    queryKey: ["datasets", { project, all: true }],
    queryFn: ({ signal }) => call<Page<Dataset>>("GET", "datasets/", { query: { project, limit: 1000 }, signal }),
    select: (page) => page.results,
  });

export interface PredictOrder {
  project: string;
  recipe: string;
  trained_model: string;
  dataset: string | null;
  image_ids: readonly string[];
  make_tasks: boolean;
  name: string;
}

export interface Estimate {
  images: number;
  frames: number;
  megapixels: number;
  minutes: number;
  basis: string;
}

const asJob = (order: PredictOrder) => ({ kind: "PREDICT", ...order });

export const estimateQuery = (order: PredictOrder | null) =>
  queryOptions({
    queryKey: ["estimate", order],
    queryFn: ({ signal }) => call<Estimate>("POST", "jobs/estimate/", { body: order && asJob(order), signal }),
    enabled: order !== null,
    retry: false,
  });

export const startPrediction = (order: PredictOrder) => call<{ id: string }>("POST", "jobs/", { body: asJob(order) });
