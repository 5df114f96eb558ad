import { useQueries, type UseQueryOptions } from "@tanstack/react-query";
import type { LoopCounts } from "@/lib/next-step";
import { api, data } from "./client";
import { datasetsQuery, type Dataset } from "./datasets";
import { COUNT_ONLY } from "./paging";

type TaskKind = "LABEL" | "CORRECT";
type TaskState = "OPEN" | "ASSIGNED" | "SUBMITTED" | "RETURNED";
type Count = UseQueryOptions<number>;

const tasksCount = (project: string, state: TaskState, kind?: TaskKind): Count => ({
  queryKey: ["tasks", "count", project, state, kind],
  queryFn: async () => (await data(api.GET("/api/v1/tasks/", { params: { query: { project, state, kind, ...COUNT_ONLY } } }))).count,
});

const modelsCount = (project: string): Count => ({
  queryKey: ["trained-models", "count", project],
  queryFn: async () => (await data(api.GET("/api/v1/trained-models/", { params: { query: { project, ...COUNT_ONLY } } }))).count,
});

const jobsCount = (project: string, state: "QUEUED" | "RUNNING"): Count => ({
  queryKey: ["jobs", "count", project, state],
  queryFn: async () => (await data(api.GET("/api/v1/jobs/", { params: { query: { project, state, ...COUNT_ONLY } } }))).count,
});

const WAITING: readonly TaskState[] = ["OPEN", "ASSIGNED", "RETURNED"];

/** How the five steps of a project stand; undefined until every count is known. */
export function useLoopCounts(project: string, enabled = true): { counts?: LoopCounts; datasets?: Dataset[]; error: unknown } {
  const [datasets, ...counted] = useQueries({
    queries: [
      { ...datasetsQuery(project), enabled },
      ...WAITING.map((state) => ({ ...tasksCount(project, state, "LABEL"), enabled })),
      ...WAITING.map((state) => ({ ...tasksCount(project, state, "CORRECT"), enabled })),
      { ...tasksCount(project, "SUBMITTED"), enabled },
      { ...modelsCount(project), enabled },
      { ...jobsCount(project, "RUNNING"), enabled },
      { ...jobsCount(project, "QUEUED"), enabled },
    ],
  });
  const error = datasets.error ?? counted.find((query) => query.error)?.error ?? null;
  const rows = datasets.data as Dataset[] | undefined;
  const numbers = counted.map((query) => query.data);
  if (!rows || numbers.some((number) => number === undefined)) return { datasets: rows, error };
  const [label, correct, [toReview, models, running, queued]] = [numbers.slice(0, 3), numbers.slice(3, 6), numbers.slice(6)] as number[][];
  return { datasets: rows, error, counts: { ...sums(rows), toLabel: sum(label), toCorrect: sum(correct), toReview, models, jobsRunning: running + queued } };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function sums(datasets: readonly Dataset[]) {
  return {
    images: sum(datasets.map((dataset) => dataset.image_count)),
    labelled: sum(datasets.map((dataset) => dataset.labelled_count)),
    accepted: sum(datasets.map((dataset) => dataset.accepted_count)),
  };
}
