import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { ALL } from "@/api/paging";
import type { Schema } from "@/api/types";

export type Release = Required<Schema["ReleaseOut"]>;
export type ReleaseDetail = Required<Schema["ReleaseDetailOut"]>;
export type ReleaseChange = Required<Schema["ReleaseChangeOut"]>;
export type ReleaseAuthor = Schema["ReleaseAuthorShape"];
export type Format = Schema["PackageInRequest"]["format"];

const at = (id: string) => ({ params: { path: { id } } }) as const;

export const releasesQuery = (dataset: string) =>
  queryOptions({
    queryKey: ["releases", { dataset }],
    queryFn: async () => (await data(api.GET("/api/v1/datasets/{id}/releases/", { params: { path: { id: dataset }, query: ALL } }))).results as Release[],
  });

export const releaseQuery = (id: string) =>
  queryOptions({ queryKey: ["releases", id], queryFn: () => data(api.GET("/api/v1/releases/{id}/", at(id))) as Promise<ReleaseDetail>, staleTime: Infinity });

export const comparisonQuery = (id: string, base: string) =>
  queryOptions({
    queryKey: ["releases", id, "against", base],
    queryFn: async () => (await data(api.GET("/api/v1/releases/{id}/comparison/", { params: { path: { id }, query: { base, ...ALL } } }))).results as ReleaseChange[],
    staleTime: Infinity,
  });

export const proveRelease = (id: string) => data(api.GET("/api/v1/releases/{id}/proof/", at(id)));
export const createRelease = (dataset: string, body: Schema["ReleaseInRequest"]) => data(api.POST("/api/v1/datasets/{id}/releases/", { ...at(dataset), body }));
export const packageRelease = (id: string, format: Format) => data(api.POST("/api/v1/releases/{id}/package/", { ...at(id), body: { format } }));
export const readExport = (id: string) => data(api.GET("/api/v1/exports/{id}/", at(id)));
export const restoreRelease = (id: string) => data(api.POST("/api/v1/releases/{id}/restore/", at(id)));
export const branchRelease = (id: string, name: string) => data(api.POST("/api/v1/releases/{id}/branch/", { ...at(id), body: { name } }));

/** "Ångström, Ana; The lab": a person by family name, a comma and given names; else an entity. */
export function authorsOf(text: string): ReleaseAuthor[] {
  const names = text.split(/[;\n]/).map((name) => name.trim()).filter(Boolean);
  return names.map((name) => {
    if (name.includes(",")) {
      const [family = "", given = ""] = name.split(",", 2).map((part) => part.trim());
      return { family_names: family, ...(given && { given_names: given }) };
    }
    return { name };
  });
}

export const authorName = ({ family_names, given_names, name }: ReleaseAuthor): string => (family_names ? [given_names, family_names].filter(Boolean).join(" ") : (name ?? ""));
