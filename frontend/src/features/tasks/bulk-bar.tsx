import { Button, Group, Menu, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { plural } from "@/lib/format";
import { toast } from "@/ui/toast";
import { assignTask, cancelTask, membersQuery, releaseTask, type Project, type Task } from "./queries";
import { canAssign, canCancel, canRelease, isAtLeast } from "./task-words";

interface BulkBarProps {
  tasks: readonly Task[];
  project: Project | undefined;
  onDone: () => void;
}

/** What can be done with the tasks that are selected; tasks in a state that does not allow it are left as they are. */
export function BulkBar({ tasks, project, onDone }: BulkBarProps) {
  const run = useBulk(onDone);
  if (tasks.length === 0 || !project) return null;
  const manages = isAtLeast(project.role, "MANAGER");
  const releasable = tasks.filter(canRelease);
  const cancellable = tasks.filter(canCancel);
  return (
    <Group gap="xs" mb="xs" role="toolbar" aria-label="Selected tasks">
      <Text size="sm" className="num">
        {plural(tasks.length, "task")} selected
      </Text>
      {manages && <AssignMenu team={project.team} tasks={tasks.filter(canAssign)} run={run.mutate} />}
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

function AssignMenu({ team, tasks, run }: { team: string; tasks: readonly Task[]; run: (bulk: Bulk) => void }) {
  const members = useQuery(membersQuery(team)).data ?? [];
  return (
    <Menu position="bottom-start" withArrow>
      <Menu.Target>
        <Button size="compact-sm" disabled={tasks.length === 0}>
          Give to…
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
        {members
          .filter((member) => isAtLeast(member.role, "ANNOTATOR"))
          .map(({ user }) => (
            <Menu.Item key={user.id} onClick={() => run({ tasks, act: (task) => assignTask(task.id, user.id), word: `given to ${user.name}` })}>
              {user.name}
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}
