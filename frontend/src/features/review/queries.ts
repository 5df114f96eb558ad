import { queryOptions } from "@tanstack/react-query";
import { call, type Page } from "@/api/loose";

export interface SubmittedTask {
  id: string;
  kind: "LABEL" | "CORRECT";
  title: string;
  image: { id: string; name: string };
  branch: { author_name: string };
  assignee: { id: string; name: string } | null;
  submitted_number: number | null;
  base_number: number | null;
  updated_at: string;
}

export const submittedQuery = (project: string) =>
  queryOptions({
    queryKey: ["tasks", { project, state: "SUBMITTED", queue: true }],
    queryFn: ({ signal }) => call<Page<SubmittedTask>>("GET", "tasks/", { query: { project, state: "SUBMITTED", limit: 1000 }, signal }),
    select: (page) => [...page.results].sort((a, b) => a.updated_at.localeCompare(b.updated_at)),
  });
