import type { Task } from "./types";

/**
 * May this person draw on the task now? A free task must be taken first, so that two people never do the same; what
 * was handed in must not change under the reviewer.
 */
export function isInMyHands(task: Pick<Task, "state" | "assignee">, me: string): boolean {
  return (task.state === "ASSIGNED" || task.state === "RETURNED") && task.assignee?.id === me;
}
