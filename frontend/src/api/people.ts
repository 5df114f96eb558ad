import { queryOptions } from "@tanstack/react-query";
import { api, data } from "./client";
import { ALL } from "./paging";
import type { Schema } from "./types";

export type Colleague = Schema["ColleagueOut"];

/** Who may see the project and what they may do in it; with `everybody`, for managers, guests who do not see it too. */
export const peopleQuery = (project: string, everybody = false) =>
  queryOptions({
    queryKey: ["people", project, everybody],
    queryFn: async () => (await data(api.GET("/api/v1/projects/{id}/people/", { params: { path: { id: project }, query: { everybody, ...ALL } } }))).results,
    staleTime: 30_000,
  });
