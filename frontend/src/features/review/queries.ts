import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";

export type SubmittedTask = Required<Schema["TaskOut"]>;

/** What waits for a verdict, the longest waiting first. */
export const submittedQuery = (project: string) =>
  queryOptions({
    queryKey: ["tasks", { project, state: "SUBMITTED", queue: true }],
    queryFn: async () => {
      const page = await data(api.GET("/api/v1/tasks/", { params: { query: { project, state: "SUBMITTED", limit: 1000 } } }));
      return [...(page.results as SubmittedTask[])].sort((a, b) => a.updated_at.localeCompare(b.updated_at));
    },
  });
