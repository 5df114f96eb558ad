import { Button, Tooltip } from "@mantine/core";
import { IconArrowRight, IconCheck } from "@tabler/icons-react";
import { useMay } from "@/api/projects";
import { useMe } from "@/api/session";
import type { Tone } from "@/ui/palette";
import { StateBadge } from "@/ui/state-badge";
import { BranchMenu } from "./bench/branch-menu";
import { useBench } from "./bench/bench-context";
import { PageButtons } from "./bench/page-buttons";
import { SaveState } from "./bench/save-state";
import { TrackButton } from "./bench/track-button";
import { Neighbours, Trail } from "./bench/trail";
import { useEditorCommands } from "./bench/use-editor-commands";
import { Together } from "./together/together";
import { isInMyHands } from "./task-hands";
import type { Task } from "./types";
import { useNextTask, useSubmitTask, useTakeTask } from "./use-task-actions";

export function AnnotateHeader({ task }: { task: Task | undefined }) {
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
      {(!task || (!isInMyHands(task, me.id) && !(task.state === "OPEN" && manages))) && <NextButton project={project} />}
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
