import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";

export type Evaluation = Required<Schema["EvaluationOut"]>;
export type EvaluationDetail = Required<Omit<Schema["EvaluationDetailOut"], "items">> & { items: EvaluatedImage[] };
export type EvaluatedImage = Required<Schema["EvaluationItemOut"]>;
export type Fault = Required<Schema["FaultOut"]>;
export type FaultKind = Fault["kind"];
export type Comparison = Required<Schema["ComparisonOut"]>;
export type ComparedImage = Schema["ComparedImageOut"];
export type Difference = Schema["DifferenceOut"];
export type Interval = Schema["IntervalOut"];
export type Verdict = Schema["VerdictOut"];
export type PromotionRule = Schema["PromotionRuleOut"];
export type Promotion = Required<Schema["PromotionOut"]>;

const UNDER_WAY: readonly string[] = ["WAITING", "QUEUED", "RUNNING"];
const AGAIN_MS = 2_000;
const MOST_ROWS = 1_000;
export const FAULTS_A_PAGE = 24;

const path = (id: string) => ({ path: { id } });

/** While something is under way it is asked for again: an evaluation may wait for a prediction. */
const again = (state: string | undefined) => (state && UNDER_WAY.includes(state) ? AGAIN_MS : false);

export const evaluationsQuery = (model: string) =>
  queryOptions({
    queryKey: ["evaluations", { model }],
    queryFn: async () => (await data(api.GET("/api/v1/evaluations/", { params: { query: { trained_model: model, limit: MOST_ROWS } } }))).results as Evaluation[],
  });

export const snapshotEvaluationsQuery = (snapshot: string) =>
  queryOptions({
    queryKey: ["evaluations", { snapshot }],
    queryFn: async () => (await data(api.GET("/api/v1/evaluations/", { params: { query: { snapshot, limit: MOST_ROWS } } }))).results as Evaluation[],
  });

export const evaluationQuery = (id: string) =>
  queryOptions({
    queryKey: ["evaluations", id],
    queryFn: () => data(api.GET("/api/v1/evaluations/{id}/", { params: path(id) })) as Promise<EvaluationDetail>,
    refetchInterval: (query) => again(query.state.data?.state),
  });

export const faultsQuery = (id: string, kind: FaultKind | null, offset: number) =>
  queryOptions({
    queryKey: ["evaluations", id, "faults", kind, offset],
    queryFn: async () => {
      const query = { ...(kind && { kind }), limit: FAULTS_A_PAGE, offset };
      const page = await data(api.GET("/api/v1/evaluations/{id}/faults/", { params: { ...path(id), query } }));
      return { count: page.count, faults: page.results as Fault[] };
    },
    staleTime: Infinity,
  });

export const comparisonQuery = (first: string, second: string) =>
  queryOptions({
    queryKey: ["comparisons", first, second],
    queryFn: () => data(api.POST("/api/v1/comparisons/", { body: { first, second } })) as Promise<Comparison>,
    refetchInterval: (query) => again(query.state.data?.state),
  });

export const gateQuery = (model: string) =>
  queryOptions({
    queryKey: ["gate", model],
    queryFn: () => data(api.GET("/api/v1/trained-models/{id}/gate/", { params: path(model) })),
  });

export const promotionsQuery = (project: string) =>
  queryOptions({
    queryKey: ["promotions", { project }],
    queryFn: async () => (await data(api.GET("/api/v1/promotions/", { params: { query: { project, present: true, limit: MOST_ROWS } } }))).results as Promotion[],
  });

export const evaluate = (body: Schema["EvaluationInRequest"]) => data(api.POST("/api/v1/evaluations/", { body })) as Promise<EvaluationDetail>;
export const promote = (body: Schema["PromotionInRequest"]) => data(api.POST("/api/v1/promotions/", { body }));

export const promotionRuleQuery = (project: string, recipe: string) =>
  queryOptions({
    queryKey: ["promotion-rule", project, recipe],
    queryFn: () => data(api.GET("/api/v1/promotion-rules/", { params: { query: { project, recipe } } })),
  });

export const setPromotionRule = (body: Schema["PromotionRuleInRequest"]) => data(api.PUT("/api/v1/promotion-rules/", { body }));
