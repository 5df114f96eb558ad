import { Button, Tooltip } from "@mantine/core";
import { IconArrowBack, IconCheck, IconPencil, IconStack } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { inReviewOrder, reviewOrderOf, submittedQuery } from "@/api/review-queue";
import { addresses } from "@/lib/addresses";
import { toast } from "@/ui/toast";
import { useQueryValue } from "@/ui/use-address";
import { postReview } from "../queries";
import type { Task } from "../types";
import { mayReturn, reviewBody, type Draft } from "./draft";

type Given = ReturnType<typeof reviewBody>;

interface VerdictProps {
  task: Task;
  draft: Draft;
  project: string;
}

/** Every button carries its action, so that a key and a click take the same way. */
export function Verdict({ task, draft, project }: VerdictProps) {
  const give = useGiveVerdict(task, project);
  const goBy = useGoBy(task, project);
  const navigate = useNavigate();
  if (task.state !== "SUBMITTED") return <Steps goBy={goBy} />;
  const number = task.submitted_number ?? undefined;
  const back = (verdict: "RETURNED" | "REQUEUED") => {
    if (!mayReturn(draft)) askReason();
    else if (!give.isPending) give.mutate(reviewBody(verdict, draft, number));
  };
  const busy = (verdict: Given["verdict"]) => give.isPending && give.variables.verdict === verdict;
  return (
    <>
      <Steps goBy={goBy} />
      <Tooltip label="Draw the correction yourself and accept it with the rest (F)">
        <Button size="compact-sm" variant="default" visibleFrom="sm" data-action="task.fix" leftSection={<IconPencil size={15} />} aria-keyshortcuts="F" onClick={() => void navigate({ to: addresses.annotate(project, task.image.id, { task: task.id, fix: true }) })}>
          Fix
        </Button>
      </Tooltip>
      <Tooltip label="Back into the queue, for whoever takes it next; say why in a comment or a note (Q)">
        <Button size="compact-sm" variant="default" visibleFrom="sm" data-action="task.requeue" leftSection={<IconStack size={15} />} aria-keyshortcuts="Q" loading={busy("REQUEUED")} onClick={() => back("REQUEUED")}>
          To the queue
        </Button>
      </Tooltip>
      <Tooltip label="Back to who did it, with your comment and notes (R)">
        <Button size="compact-sm" variant="default" data-action="task.return" leftSection={<IconArrowBack size={15} />} aria-keyshortcuts="R Control+Backspace" data-disabled={!mayReturn(draft) || undefined} loading={busy("RETURNED")} onClick={() => back("RETURNED")}>
          Return
        </Button>
      </Tooltip>
      <Tooltip label="These labels are right; they may enter snapshots (A)">
        <Button size="compact-sm" data-action="task.approve" data-task={task.id} leftSection={<IconCheck size={15} />} aria-keyshortcuts="A Control+Enter" loading={busy("ACCEPTED")} onClick={() => !give.isPending && give.mutate(reviewBody("ACCEPTED", draft, number))}>
          Accept
        </Button>
      </Tooltip>
    </>
  );
}

/** Nothing goes back without a word: the comment is where it is written. */
function askReason(): void {
  const field = document.querySelector<HTMLTextAreaElement>("[data-review-comment]");
  field?.focus();
  toast.failed(new Error("Write what should change (Enter when done), or pin a note; then press the key again."), "Say why first");
}

/** What J and K do; for the keys alone, the queue shows the same. */
function Steps({ goBy }: { goBy: (by: 1 | -1) => void }) {
  return (
    <>
      <button type="button" hidden data-action="review.next" onClick={() => goBy(1)} />
      <button type="button" hidden data-action="review.previous" onClick={() => goBy(-1)} />
    </>
  );
}

function useGoBy(task: Task, project: string): (by: 1 | -1) => void {
  const navigate = useNavigate();
  const [order] = useQueryValue("order");
  const waiting = useQuery(submittedQuery(project, reviewOrderOf(order))).data ?? [];
  return (by) => {
    const at = waiting.findIndex((other) => other.id === task.id);
    const next = waiting[at < 0 ? 0 : at + by];
    if (next) void navigate({ to: addresses.review(project, next.id, order) });
    else toast.done(by > 0 ? "That was the last task." : "This is the first task.");
  };
}

/** Gives the verdict and goes on to the next submitted task, or back to the queue when there is none. */
function useGiveVerdict(task: Task, project: string) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [asked] = useQueryValue("order");
  const order = reviewOrderOf(asked);
  return useMutation({
    mutationFn: (body: Given) => postReview(task.id, body),
    onSuccess: async (_, { verdict }) => {
      toast.done(SAID[verdict](task.title));
      void queries.invalidateQueries({ queryKey: ["tasks"] });
      const before = inReviewOrder(queries.getQueryData(submittedQuery(project).queryKey) ?? [], order);
      const after = before.slice(before.findIndex((other) => other.id === task.id) + 1).map(({ id }) => id);
      const waiting = inReviewOrder(await queries.fetchQuery({ ...submittedQuery(project), staleTime: 0 }), order);
      const left = waiting.filter((other) => other.id !== task.id);
      const next = left.find((other) => after.includes(other.id)) ?? left[0];
      void navigate({ to: next ? addresses.review(project, next.id, asked) : addresses.reviews(project, asked) });
    },
    onError: (error) => toast.failed(error, "The verdict was not taken"),
  });
}

const SAID: Record<Given["verdict"], (title: string) => string> = {
  ACCEPTED: (title) => `“${title}” is accepted.`,
  RETURNED: (title) => `“${title}” went back with your notes.`,
  REQUEUED: (title) => `“${title}” is in the queue again.`,
};
