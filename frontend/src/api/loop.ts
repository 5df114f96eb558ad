import { useQueries, type UseQueryOptions } from "@tanstack/react-query";
import type { LoopCounts } from "@/lib/next-step";
import { api, data } from "./client";
import { datasetsQuery, type Dataset } from "./datasets";
import { COUNT_ONLY } from "./paging";

type Count = UseQueryOptions<number>;

interface TaskFilter {
  kind?: "LABEL" | "CORRECT";
  state?: "SUBMITTED";
  /** Open, assigned or returned. */
  waiting?: boolean;
}

const tasksCount = (project: string, filter: TaskFilter): Count => ({
  queryKey: ["tasks", "count", project, filter],
  queryFn: async () => (await data(api.GET("/api/v1/tasks/", { params: { query: { project, ...filter, ...COUNT_ONLY } } }))).count,
});

/** Those trained here: starter models are there from the beginning. */
const modelsCount = (project: string): Count => ({
  queryKey: ["trained-models", "count", project],
  queryFn: async () => (await data(api.GET("/api/v1/trained-models/", { params: { query: { project, starter: false, ...COUNT_ONLY } } }))).count,
});

const jobsCount = (project: string): Count => ({
  queryKey: ["jobs", "count", project],
  queryFn: async () => (await data(api.GET("/api/v1/jobs/", { params: { query: { project, state: "QUEUED,RUNNING", ...COUNT_ONLY } } }))).count,
});

/** How the five steps of a project stand; undefined until every count is known. */
export function useLoopCounts(project: string, enabled = true): { counts?: LoopCounts; datasets?: Dataset[]; error: unknown } {
  const [datasets, ...counted] = useQueries({
    queries: [
      { ...datasetsQuery(project), enabled },
      { ...tasksCount(project, { kind: "LABEL", waiting: true }), enabled },
      { ...tasksCount(project, { kind: "CORRECT", waiting: true }), enabled },
      { ...tasksCount(project, { state: "SUBMITTED" }), enabled },
      { ...modelsCount(project), enabled },
      { ...jobsCount(project), enabled },
    ],
  });
  const error = datasets.error ?? counted.find((query) => query.error)?.error ?? null;
  const rows = datasets.data;
  const numbers = counted.map((query) => query.data);
  if (!rows || numbers.includes(undefined)) return { datasets: rows, error };
  const [toLabel, toCorrect, toReview, models, jobsRunning] = numbers as number[];
  return { datasets: rows, error, counts: { ...sums(rows), toLabel, toCorrect, toReview, models, jobsRunning } };
}

/** What waits for people in a project, in two questions: for lists of many projects. */
export function useWaitingWork(project: string, enabled: boolean): { toDo: number; toReview: number } | undefined {
  const [toDo, toReview] = useQueries({
    queries: [
      { ...tasksCount(project, { waiting: true }), enabled },
      { ...tasksCount(project, { state: "SUBMITTED" }), enabled },
    ],
  });
  return toDo.data === undefined || toReview.data === undefined ? undefined : { toDo: toDo.data, toReview: toReview.data };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function sums(datasets: readonly Dataset[]) {
  return {
    images: sum(datasets.map((dataset) => dataset.image_count)),
    labelled: sum(datasets.map((dataset) => dataset.labelled_count)),
    accepted: sum(datasets.map((dataset) => dataset.accepted_count)),
  };
}
