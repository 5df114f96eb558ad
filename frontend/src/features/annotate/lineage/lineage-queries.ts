import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";

export type Alert = Schema["AlertOut"];
export type Repair = Schema["RepairOut"];
export type LinksSaid = Schema["LinksOut"];

const at = (id: string, revision: number | undefined) => ({ params: { path: { id }, query: { revision } } }) as const;
const MOST_REPAIRS = 1_000;

export const tracksQuery = (branch: string, revision: number | undefined) =>
  queryOptions({
    queryKey: ["tracks", branch, revision ?? "head"],
    queryFn: () => data(api.GET("/api/v1/branches/{id}/tracks/", at(branch, revision))),
    staleTime: revision === undefined ? 0 : Infinity,
  });

export const alertsQuery = (branch: string, revision: number | undefined) =>
  queryOptions({
    queryKey: ["track-alerts", branch, revision ?? "head"],
    queryFn: async () => (await data(api.GET("/api/v1/branches/{id}/alerts/", at(branch, revision)))).results,
    staleTime: revision === undefined ? 10_000 : Infinity,
  });

/** How sure the linker was of each link that still stands. */
export const linksQuery = (branch: string, revision: number | undefined) =>
  queryOptions({
    queryKey: ["track-links", branch, revision ?? "head"],
    queryFn: () => data(api.GET("/api/v1/branches/{id}/links/", at(branch, revision))),
    staleTime: revision === undefined ? 10_000 : Infinity,
  });

export const repairsQuery = (branch: string, revision: number | undefined) =>
  queryOptions({
    queryKey: ["track-repairs", branch, revision ?? "head"],
    queryFn: async () => {
      const query = { revision, limit: MOST_REPAIRS };
      return (await data(api.GET("/api/v1/branches/{id}/repairs/", { params: { path: { id: branch }, query } }))).results;
    },
    staleTime: revision === undefined ? 10_000 : Infinity,
  });
