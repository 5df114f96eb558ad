import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";

export type Agreement = Schema["RaterAgreementOut"];
export type ImageAgreement = Schema["ImageAgreementOut"];
export type Rating = Required<Schema["RatingOut"]>;
export type Measure = Schema["MeasureOut"];

export interface AgreementFilter {
  repeats?: boolean;
  person?: string;
}

const MOST = 1_000;

export const agreementQuery = (project: string, filter: AgreementFilter) =>
  queryOptions({
    queryKey: ["ratings", "agreement", project, filter],
    queryFn: () => data(api.GET("/api/v1/projects/{id}/agreement/", { params: { path: { id: project }, query: filter } })),
  });

/** Every image that is, or will be, rated twice. */
export const ratingsQuery = (project: string) =>
  queryOptions({
    queryKey: ["ratings", "list", project],
    queryFn: async () => (await data(api.GET("/api/v1/projects/{id}/ratings/", { params: { path: { id: project }, query: { limit: MOST } } }))).results as Rating[],
  });
