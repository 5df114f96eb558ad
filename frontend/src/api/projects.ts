import { queryOptions, useQuery } from "@tanstack/react-query";
import { mayAtLeast, type Role } from "@/lib/roles";
import { api, data } from "./client";
import { ALL } from "./paging";
import type { Schema } from "./types";

export type Project = Schema["ProjectOut"];
export type LabelClass = Schema["LabelClassOut"];

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: async () => (await data(api.GET("/api/v1/projects/", { params: { query: ALL } }))).results,
});

/** The project whose pages are open; its name stands in the header of all of them. */
export const projectQuery = (id: string) =>
  queryOptions({
    queryKey: ["projects", id],
    queryFn: () => data(api.GET("/api/v1/projects/{id}/", { params: { path: { id } } })),
    staleTime: 60_000,
  });

/** Classes in their order; archived ones at the end of nobody's list but still named in old labels. */
export const classesQuery = (project: string) =>
  queryOptions({
    queryKey: ["classes", project],
    queryFn: async () => (await data(api.GET("/api/v1/projects/{id}/classes/", { params: { path: { id: project }, query: ALL } }))).results,
  });

/** May the signed-in person do what needs this role in the project? False until it is known. */
export function useMay(project: string, needed: Role): boolean {
  return mayAtLeast(useQuery(projectQuery(project)).data?.role, needed);
}
