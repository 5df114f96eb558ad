import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { toast } from "@/ui/toast";
import type { NewTask } from "./queries";

/** Makes tasks one after another, says how far it is, and goes on where it stopped when it is started again. */
export function useCreateMany(projectId: string) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [state, setState] = useState<{ running: boolean; done: number; total: number; error: unknown }>({ running: false, done: 0, total: 0, error: null });
  const start = async (tasks: readonly NewTask[], create: (task: NewTask) => Promise<unknown>) => {
    let { done } = state;
    const show = (running: boolean, error: unknown = null) => setState({ running, done, total: tasks.length, error });
    show(true);
    try {
      for (const task of tasks.slice(done)) {
        await create(task);
        done += 1;
        show(true);
      }
    } catch (error) {
      show(false, error);
      return;
    } finally {
      void queries.invalidateQueries({ queryKey: ["tasks"] });
    }
    toast.done(`${plural(done, "task")} made.`);
    void navigate({ to: addresses.tasks(projectId, { mine: false }) });
  };
  return { ...state, start: (tasks: readonly NewTask[], create: (task: NewTask) => Promise<unknown>) => void start(tasks, create) };
}
