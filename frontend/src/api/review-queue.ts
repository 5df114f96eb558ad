/** What waits for a verdict, in the order that the reviewer wants: the same in the queue, and for the keys from task to task. */
import { queryOptions } from "@tanstack/react-query";
import { api, data } from "./client";
import type { Schema } from "./types";

export type SubmittedTask = Required<Schema["TaskOut"]>;
export type ReviewSigns = Required<Schema["ReviewSignsOut"]>;
export type ReviewOrder = "waiting" | "ambiguity" | "disagreement" | "quality" | "uncertain";

export const REVIEW_ORDERS: readonly { value: ReviewOrder; label: string }[] = [
  { value: "waiting", label: "Longest waiting first" },
  { value: "ambiguity", label: "Crowd most divided first" },
  { value: "disagreement", label: "Raters least agreed first" },
  { value: "quality", label: "Model least sure first" },
  { value: "uncertain", label: "Most uncertain cells first" },
];

export const reviewOrderOf = (text: string | undefined): ReviewOrder => REVIEW_ORDERS.find(({ value }) => value === text)?.value ?? "waiting";

/** A submitted task with what it may be ordered by. */
export type WaitingTask = SubmittedTask & { readonly signs: ReviewSigns | undefined };

const MOST_ROWS = 1_000;

export const submittedQuery = (project: string, order: ReviewOrder = "waiting") =>
  queryOptions({
    queryKey: ["tasks", { project, state: "SUBMITTED", queue: true }],
    queryFn: async () => {
      const [page, signs] = await Promise.all([
        data(api.GET("/api/v1/tasks/", { params: { query: { project, state: "SUBMITTED", limit: MOST_ROWS } } })),
        data(api.GET("/api/v1/projects/{id}/review-signs/", { params: { path: { id: project } } })),
      ]);
      const known = new Map(signs.map((one) => [one.task, one as ReviewSigns]));
      return (page.results as SubmittedTask[]).map((task): WaitingTask => ({ ...task, signs: known.get(task.id) }));
    },
    select: (tasks) => inReviewOrder(tasks, order),
  });

/** The most doubtful first; tasks of which there is nothing to tell come last, the longest waiting first. */
export function inReviewOrder<Row extends Pick<WaitingTask, "updated_at" | "signs">>(tasks: readonly Row[], order: ReviewOrder): Row[] {
  return [...tasks].sort((a, b) => doubtOf(b.signs, order) - doubtOf(a.signs, order) || a.updated_at.localeCompare(b.updated_at));
}

function doubtOf(signs: ReviewSigns | undefined, order: ReviewOrder): number {
  if (!signs || order === "waiting") return -1;
  if (order === "uncertain") return signs.uncertain;
  const value = signs[order];
  return value === null ? -1 : order === "quality" ? 1 - value : value;
}
