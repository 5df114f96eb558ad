import { Button, Tooltip } from "@mantine/core";
import { IconArrowRight, IconCheck } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/projects";
import { useMe } from "@/api/session";
import { addresses } from "@/lib/addresses";
import type { Tone } from "@/ui/palette";
import { toast } from "@/ui/toast";
import { StateBadge } from "@/ui/state-badge";
import { BranchMenu } from "./bench/branch-menu";
import { useBench } from "./bench/bench-context";
import { PageButtons } from "./bench/page-buttons";
import { SaveState } from "./bench/save-state";
import { TrackButton } from "./bench/track-button";
import { Neighbours, Trail } from "./bench/trail";
import { useEditorCommands } from "./bench/use-editor-commands";
import { Together } from "./together/together";
import { postReview, readBranch } from "./queries";
import { EMPTY_DRAFT, reviewBody } from "./review/draft";
import { isInMyHands } from "./task-hands";
import type { Task } from "./types";
import { useNextTask, useSubmitTask, useTakeTask } from "./use-task-actions";

/** `fixing`: a reviewer corrects what was handed in, to accept it with the rest. */
export function AnnotateHeader({ task, fixing }: { task: Task | undefined; fixing: boolean }) {
  const { project } = useBench();
  const me = useMe();
  const manages = useMay(project, "MANAGER");
  useEditorCommands();
  return (
    <>
      <Trail />
      <Neighbours />
      <SaveState />
      <Together />
      {task ? <TaskBadge task={task} /> : <BranchMenu />}
      <TrackButton />
      <PageButtons />
      {task && isInMyHands(task, me.id) && <SubmitButton task={task} />}
      {task?.state === "OPEN" && manages && <TakeButton task={task} me={me.id} />}
      {task && fixing && <AcceptFixedButton task={task} />}
      {!fixing && (!task || (!isInMyHands(task, me.id) && !(task.state === "OPEN" && manages))) && <NextButton project={project} />}
    </>
  );
}

const SAID: Record<Task["state"], { tone: Tone; word: string }> = {
  OPEN: { tone: "quiet", word: "open" },
  ASSIGNED: { tone: "busy", word: "in the hands" },
  SUBMITTED: { tone: "wait", word: "waits for review" },
  ACCEPTED: { tone: "good", word: "accepted" },
  RETURNED: { tone: "bad", word: "returned, see the notes" },
  CANCELLED: { tone: "quiet", word: "cancelled" },
};

function TaskBadge({ task }: { task: Task }) {
  const { tone, word } = SAID[task.state];
  return (
    <StateBadge tone={tone} title={task.title}>
      {task.kind === "LABEL" ? "Label" : "Correct"}: {task.state === "ASSIGNED" && task.assignee ? `${word} of ${task.assignee.name}` : word}
    </StateBadge>
  );
}

function SubmitButton({ task }: { task: Task }) {
  const { autosave } = useBench();
  const submit = useSubmitTask(task);
  const handIn = async () => {
    await autosave?.flush();
    submit.mutate();
  };
  return (
    <Tooltip label="Everything is labelled: hand it to a reviewer (Ctrl+Enter)">
      <Button id="submit-task" size="compact-sm" leftSection={<IconCheck size={15} />} loading={submit.isPending} aria-keyshortcuts="Control+Enter" onClick={() => void handIn()}>
        Submit
      </Button>
    </Tooltip>
  );
}

/** One action: what was drawn goes up, and the revision with it on top is accepted. */
function AcceptFixedButton({ task }: { task: Task }) {
  const { autosave, branch, project } = useBench();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const accept = useMutation({
    mutationFn: async () => {
      await autosave?.flush();
      const { head_number } = await readBranch(branch.id);
      return postReview(task.id, reviewBody("ACCEPTED", EMPTY_DRAFT, head_number));
    },
    onSuccess: async () => {
      toast.done(`“${task.title}” is accepted with your corrections.`);
      await queries.invalidateQueries({ queryKey: ["tasks"] });
      await navigate({ to: addresses.reviews(project) });
    },
    onError: (error) => toast.failed(error, "The verdict was not taken"),
  });
  return (
    <Tooltip label="Save your corrections and accept them with what was handed in (Ctrl+Enter)">
      <Button id="submit-task" size="compact-sm" leftSection={<IconCheck size={15} />} loading={accept.isPending} aria-keyshortcuts="Control+Enter" onClick={() => accept.mutate()}>
        Accept with my corrections
      </Button>
    </Tooltip>
  );
}

function TakeButton({ task, me }: { task: Task; me: string }) {
  const take = useTakeTask(task, me);
  return (
    <Tooltip label="Nobody has this task: take it to label it yourself">
      <Button size="compact-sm" loading={take.isPending} onClick={() => take.mutate()}>
        Take this task
      </Button>
    </Tooltip>
  );
}

function NextButton({ project }: { project: string }) {
  const next = useNextTask(project);
  return (
    <Tooltip label="The most urgent task that waits for you (Shift+Enter)">
      <Button size="compact-sm" variant="default" rightSection={<IconArrowRight size={15} />} loading={next.isPending} onClick={() => next.mutate()}>
        Next task
      </Button>
    </Tooltip>
  );
}
