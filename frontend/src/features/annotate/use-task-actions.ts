import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { addresses } from "@/lib/addresses";
import { toast } from "@/ui/toast";
import { assignTask, nextTask, submitTask } from "./queries";
import type { Task } from "./types";

export function useNextTask(project: string) {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => nextTask(project),
    onSuccess: (task) => {
      if (task) void navigate({ to: addresses.annotate(project, task.image.id, { task: task.id }) });
      else toast.done("No task is waiting for you. Well done.");
    },
    onError: (error) => toast.failed(error),
  });
}

export function useSubmitTask(task: Task | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => (task ? submitTask(task.id) : Promise.reject(new Error("This image was not opened as a task."))),
    onSuccess: (submitted) => {
      queries.setQueryData(["tasks", submitted.id], submitted);
      toast.done(`“${submitted.title}” went to review.`);
    },
    onError: (error) => toast.failed(error, "The task was not submitted"),
  });
}

/** A manager takes a free task without waiting for the queue to hand it out. */
export function useTakeTask(task: Task, me: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => assignTask(task.id, me),
    onSuccess: (taken) => queries.setQueryData(["tasks", taken.id], taken),
    onError: (error) => toast.failed(error, "The task was not taken"),
  });
}

/** The page's own keys: hand in, next task. Edits are flushed by the header's button before it submits. */
export function useTaskActions(project: string, task: Task | undefined): (action: string) => void {
  const { mutate: goOn } = useNextTask(project);
  const taskId = task?.id;
  return useCallback(
    (action) => {
      if (action === "task.next") goOn();
      if (action === "task.approve" && taskId) document.getElementById("submit-task")?.click();
    },
    [goOn, taskId],
  );
}
