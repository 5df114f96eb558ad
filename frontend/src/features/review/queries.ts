import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { ALL } from "@/api/paging";
import type { Schema } from "@/api/types";

export type ChangedLabels = Schema["ChangedOut"];

/** Accepted labels that were changed since and wait for nobody yet. */
export const changedQuery = (project: string) =>
  queryOptions({
    queryKey: ["images", "changed-after-acceptance", project],
    queryFn: async () => (await data(api.GET("/api/v1/projects/{id}/changed-after-acceptance/", { params: { path: { id: project }, query: ALL } }))).results,
  });

export const askReview = (branch: string) => data(api.POST("/api/v1/branches/{id}/review/", { params: { path: { id: branch } } }));
