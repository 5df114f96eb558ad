import { Button, Group, Menu, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMay } from "@/api/projects";
import { plural } from "@/lib/format";
import { toast } from "@/ui/toast";
import { assignTask, cancelTask, releaseTask, type Task } from "./queries";
import { SecondRatingButton } from "./second-rating";
import { ShareOutButton } from "./share-out";
import { useLabellers } from "./use-labellers";
import { canAssign, canCancel, canRateAgain, canRelease } from "./task-words";

interface BulkBarProps {
  tasks: readonly Task[];
  projectId: string;
  onDone: () => void;
}

/** What can be done with the tasks that are selected; tasks in a state that does not allow it are left as they are. */
export function BulkBar({ tasks, projectId, onDone }: BulkBarProps) {
  const run = useBulk(onDone);
  const manages = useMay(projectId, "MANAGER");
  if (tasks.length === 0) return null;
  const releasable = tasks.filter(canRelease);
  const cancellable = tasks.filter(canCancel);
  return (
    <Group gap="xs" mb="xs" role="toolbar" aria-label="Selected tasks">
      <Text size="sm" className="num">
        {plural(tasks.length, "task")} selected
      </Text>
      {manages && <AssignMenu projectId={projectId} tasks={tasks.filter(canAssign)} run={run.mutate} />}
      {manages && <ShareOutButton projectId={projectId} tasks={tasks.filter(canAssign)} onDone={onDone} />}
      {manages && <SecondRatingButton projectId={projectId} tasks={tasks.filter(canRateAgain)} onDone={onDone} />}
      <Button size="compact-sm" variant="default" disabled={releasable.length === 0} loading={run.isPending} onClick={() => run.mutate({ tasks: releasable, act: (task) => releaseTask(task.id), word: "released" })}>
        Release
      </Button>
      {manages && (
        <Button size="compact-sm" variant="default" disabled={cancellable.length === 0} loading={run.isPending} onClick={() => run.mutate({ tasks: cancellable, act: (task) => cancelTask(task.id), word: "cancelled" })}>
          Cancel tasks
        </Button>
      )}
    </Group>
  );
}

interface Bulk {
  tasks: readonly Task[];
  act: (task: Task) => Promise<unknown>;
  word: string;
}

function useBulk(onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ tasks, act }: Bulk) => {
      for (const task of tasks) await act(task);
    },
    onSuccess: (_, { tasks, word }) => {
      toast.done(`${plural(tasks.length, "task")} ${word}.`);
      onDone();
    },
    onError: (error) => toast.failed(error),
    onSettled: () => queries.invalidateQueries({ queryKey: ["tasks"] }),
  });
}

function AssignMenu({ projectId, tasks, run }: { projectId: string; tasks: readonly Task[]; run: (bulk: Bulk) => void }) {
  const members = useLabellers(projectId);
  return (
    <Menu position="bottom-start" withArrow>
      <Menu.Target>
        <Button size="compact-sm" disabled={tasks.length === 0}>
          Give to…
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
        {members.map(({ id, name }) => (
            <Menu.Item key={id} onClick={() => run({ tasks, act: (task) => assignTask(task.id, id), word: `given to ${name}` })}>
              {name}
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}
