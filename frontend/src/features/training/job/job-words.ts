import type { Tone } from "@/ui/palette";
import type { Job, JobKind, JobState } from "../types";

export const STATE_WORDS: Record<JobState, { tone: Tone; word: string }> = {
  QUEUED: { tone: "quiet", word: "Waiting" },
  RUNNING: { tone: "busy", word: "Running" },
  CANCELLING: { tone: "wait", word: "Stopping" },
  SUCCEEDED: { tone: "good", word: "Done" },
  FAILED: { tone: "bad", word: "Failed" },
  CANCELLED: { tone: "quiet", word: "Cancelled" },
};

export const KIND_WORDS: Record<JobKind, string> = { TRAIN: "Training", PREDICT: "Prediction", PREVIEW: "Samples", EVALUATE: "Evaluation", SEARCH: "Search of settings" };

export function isOver(state: JobState): boolean {
  return state === "SUCCEEDED" || state === "FAILED" || state === "CANCELLED";
}

/** Seconds from start to end, or to now while it runs; null before it has begun. */
export function elapsed_s(job: Pick<Job, "started_at" | "finished_at">, now: number): number | null {
  if (!job.started_at) return null;
  const end = job.finished_at ? Date.parse(job.finished_at) : now;
  return Math.max(0, (end - Date.parse(job.started_at)) / 1000);
}
