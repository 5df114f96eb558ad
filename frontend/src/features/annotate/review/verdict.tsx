import { Button, Tooltip } from "@mantine/core";
import { IconArrowBack, IconCheck } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { addresses } from "@/lib/addresses";
import { toast } from "@/ui/toast";
import { postReview, submittedQuery } from "../queries";
import type { Task } from "../types";
import { mayReturn, reviewBody, type Draft } from "./draft";

export function Verdict({ task, draft, project }: { task: Task; draft: Draft; project: string }) {
  const give = useGiveVerdict(task, project);
  if (task.state !== "SUBMITTED") return null;
  const returnable = mayReturn(draft);
  return (
    <>
      <Tooltip label={returnable ? "Back to the annotator, with your notes (Ctrl+Backspace)" : "Pin a note or write a comment first: say what should change"}>
        <Button
          size="compact-sm"
          variant="default"
          data-action="task.return"
          leftSection={<IconArrowBack size={15} />}
          aria-keyshortcuts="Control+Backspace"
          data-disabled={!returnable || undefined}
          loading={give.isPending && give.variables.verdict === "RETURNED"}
          onClick={() => (returnable ? give.mutate(reviewBody("RETURNED", draft, task.submitted_number ?? undefined)) : toast.failed(new Error("Pin a note or write a comment first: say what should change."), "Not returned yet"))}
        >
          Return
        </Button>
      </Tooltip>
      <Tooltip label="These labels are right; they may enter snapshots (Ctrl+Enter)">
        <Button
          size="compact-sm"
          data-action="task.approve"
          leftSection={<IconCheck size={15} />}
          aria-keyshortcuts="Control+Enter"
          loading={give.isPending && give.variables.verdict === "ACCEPTED"}
          onClick={() => give.mutate(reviewBody("ACCEPTED", draft, task.submitted_number ?? undefined))}
        >
          Accept
        </Button>
      </Tooltip>
    </>
  );
}

/** Gives the verdict and goes on to the next submitted task, or back to the queue when there is none. */
function useGiveVerdict(task: Task, project: string) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ReturnType<typeof reviewBody>) => postReview(task.id, body),
    onSuccess: async (_, { verdict }) => {
      toast.done(verdict === "ACCEPTED" ? `“${task.title}” is accepted.` : `“${task.title}” went back with your notes.`);
      void queries.invalidateQueries({ queryKey: ["tasks"] });
      const waiting = await queries.fetchQuery({ ...submittedQuery(project), staleTime: 0 });
      const next = waiting.find((other) => other.id !== task.id);
      void navigate({ to: next ? addresses.review(project, next.id) : addresses.reviews(project) });
    },
    onError: (error) => toast.failed(error, "The verdict was not taken"),
  });
}
