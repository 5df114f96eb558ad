import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";

export type Branch = Required<Schema["BranchOut"]>;
export type Evaluation = Required<Schema["EvaluationOut"]>;
export type Fault = Required<Schema["FaultOut"]>;
export type FaultKind = Fault["kind"];
export type Interval = Schema["IntervalOut"];

/** A frame's cells, a column for each measurement. */
export interface Frame {
  t: number;
  columns: Record<string, (number | string | null)[]>;
}

const PAGE = 1_000;
const MOST_FAULTS = 2_000;
const AGAIN_MS = 2_000;
const UNDER_WAY: readonly string[] = ["WAITING", "QUEUED", "RUNNING"];
const at = (id: string) => ({ path: { id } });

export const branchesQuery = (image: string) =>
  queryOptions({
    queryKey: ["branches", { image }],
    queryFn: async () => (await data(api.GET("/api/v1/images/{id}/branches/", { params: { ...at(image), query: { limit: PAGE } } }))).results as Branch[],
  });

/** Evaluations of one line of labels, the newest first; asked again while one is under way. */
export const branchEvaluationsQuery = (branch: string) =>
  queryOptions({
    queryKey: ["evaluations", { branch }],
    queryFn: async () => (await data(api.GET("/api/v1/evaluations/", { params: { query: { branch, limit: 20 } } }))).results as Evaluation[],
    refetchInterval: (query) => (query.state.data?.some((one) => UNDER_WAY.includes(one.state)) ? AGAIN_MS : false),
  });

/** Everything that was kept of what is wrong, whole frames aside. */
export const faultsQuery = (id: string) =>
  queryOptions({
    queryKey: ["evaluations", id, "all-faults"],
    queryFn: async () => {
      const found: Fault[] = [];
      for (let offset = 0; offset < MOST_FAULTS; offset += PAGE) {
        const page = await data(api.GET("/api/v1/evaluations/{id}/faults/", { params: { ...at(id), query: { limit: PAGE, offset } } }));
        found.push(...(page.results as Fault[]));
        if (found.length >= page.count) break;
      }
      return found.filter((one) => one.kind !== "FRAME");
    },
    staleTime: Infinity,
  });

/** One frame's measurements of a numbered revision, which never change. */
export const measuresQuery = (branch: string, revision: number, t: number) =>
  queryOptions({
    queryKey: ["branches", branch, "measures", revision, t],
    queryFn: async () => {
      const told = await data(api.GET("/api/v1/branches/{id}/measures/", { params: { ...at(branch), query: { t, revision } } }));
      return { t, columns: told.columns as Frame["columns"] };
    },
    staleTime: Infinity,
  });

export const evaluateBranch = (branch: string) => data(api.POST("/api/v1/evaluations/", { body: { branch, predict_missing: false } })) as Promise<Evaluation>;

export const measuresTable = (branch: string, revision: number, kind: "csv" | "parquet") => `/api/v1/branches/${branch}/measures-table/?kind=${kind}&revision=${revision}`;
