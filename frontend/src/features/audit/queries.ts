import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { nextOffset } from "@/api/paging";
import type { Schema } from "@/api/types";

export type AuditLine = Required<Schema["AuditLineOut"]>;
export type Reversal = Required<Schema["ReversalOut"]>;

/** What the page's address says; left out means all. */
export interface Filter {
  readonly person?: string;
  readonly model?: string;
  readonly tool?: string;
  readonly since?: string;
  readonly until?: string;
  readonly dataset?: string;
  readonly image?: string;
}

const PAGE = 200;
const at = (id: string) => ({ params: { path: { id } } }) as const;

export const auditQuery = (project: string, filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["audit", project, filter],
    queryFn: ({ pageParam }) => data(api.GET("/api/v1/projects/{id}/audit/", { params: { path: { id: project }, query: { ...filter, limit: PAGE, offset: pageParam } } })),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
  });

export const auditWordsQuery = (project: string) =>
  queryOptions({ queryKey: ["audit", project, "words"], queryFn: () => data(api.GET("/api/v1/projects/{id}/audit/words/", at(project))) });

/** Where the browser downloads the log. */
export function exportAddress(project: string, form: "jsonl" | "csv", filter: Filter): string {
  const given = Object.entries({ form, ...filter }).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `/api/v1/projects/${project}/audit/export/?${new URLSearchParams(given).toString()}`;
}

export interface Whose {
  readonly person?: string;
  readonly model?: string;
  readonly since?: string;
}

export const previewRevert = (branch: string, whose: Whose) => data(api.POST("/api/v1/branches/{id}/revert/preview/", { ...at(branch), body: whose })) as Promise<Reversal>;
export const revertEdits = (branch: string, whose: Whose, head: number) => data(api.POST("/api/v1/branches/{id}/revert/", { ...at(branch), body: { ...whose, head } }));

/** "brush_px 9 · writeMode keep"; the model has a column of its own. */
export function parameterWords(parameters: AuditLine["parameters"]): string {
  return Object.entries(parameters)
    .filter(([name, value]) => name !== "model" && value !== null && value !== "")
    .map(([name, value]) => `${name} ${typeof value === "number" ? String(Math.round(value * 1000) / 1000) : String(value)}`)
    .join(" · ");
}

/** A day of the page's form as a moment: its beginning, or its end. */
export function momentOf(day: string, end: boolean): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const moment = new Date(`${day}T${end ? "23:59:59.999" : "00:00:00"}`);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}
