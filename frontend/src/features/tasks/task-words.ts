import type { Tone } from "@/ui/palette";
import type { Task, TaskKind, TaskState } from "./queries";

export const STATE_WORDS: Record<TaskState, { tone: Tone; word: string }> = {
  OPEN: { tone: "quiet", word: "Open" },
  ASSIGNED: { tone: "busy", word: "In hand" },
  SUBMITTED: { tone: "wait", word: "In review" },
  RETURNED: { tone: "bad", word: "Returned" },
  ACCEPTED: { tone: "good", word: "Accepted" },
  CANCELLED: { tone: "quiet", word: "Cancelled" },
};

export const KIND_WORDS: Record<TaskKind, string> = { LABEL: "Label", CORRECT: "Correct" };

/** What the person must look at first: what came back, then what is in hand, then what is free, most uncertain first. */
const ORDER: readonly TaskState[] = ["RETURNED", "ASSIGNED", "OPEN", "SUBMITTED", "ACCEPTED", "CANCELLED"];

export function byUrgency(tasks: readonly Task[]): Task[] {
  return [...tasks].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.priority - a.priority || a.title.localeCompare(b.title, "en", { numeric: true }));
}

export function canRelease(task: Task): boolean {
  return task.state === "ASSIGNED" || task.state === "RETURNED";
}

export function canAssign(task: Task): boolean {
  return task.state === "OPEN" || canRelease(task);
}

/** A rating is not rated again, and where a change of accepted labels began nobody knows. */
export function canRateAgain(task: Task): boolean {
  return !task.blind && task.state !== "CANCELLED" && !task.changed_after_acceptance;
}

export function canCancel(task: Task): boolean {
  return canAssign(task) || task.state === "SUBMITTED";
}
