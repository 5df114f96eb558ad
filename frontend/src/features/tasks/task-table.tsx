import { Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { DataTable, type Column } from "@/ui/data-table";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import type { Selection } from "@/ui/use-row-keys";
import type { Task } from "./queries";
import { KIND_WORDS, STATE_WORDS } from "./task-words";

interface TaskTableProps {
  projectId: string;
  tasks: readonly Task[];
  selection: Selection;
  onEnd: () => void;
}

export function TaskTable({ projectId, tasks, selection, onEnd }: TaskTableProps) {
  const navigate = useNavigate();
  const reviews = useMay(projectId, "REVIEWER");
  const labels = useMay(projectId, "ANNOTATOR");
  const open = (task: Task) =>
    void navigate({
      to: task.blind && task.state === "SUBMITTED" && reviews ? addresses.agreement(projectId) : task.state === "SUBMITTED" && reviews ? addresses.review(projectId, task.id) : addresses.annotate(projectId, task.image.id, { task: task.id }),
    });
  return (
    <DataTable
      label="Tasks"
      columns={COLUMNS}
      rows={tasks}
      rowKey={(task) => task.id}
      rowLabel={(task) => task.title}
      onOpen={open}
      selection={labels ? selection : undefined}
      onEnd={onEnd}
    />
  );
}

const COLUMNS: readonly Column<Task>[] = [
  { key: "title", title: "Task", sortBy: (task) => task.title, cell: (task) => <Title task={task} /> },
  { key: "kind", title: "Kind", width: "6rem", wideOnly: true, sortBy: (task) => task.kind, cell: (task) => KIND_WORDS[task.kind] },
  {
    key: "state",
    title: "State",
    width: "8rem",
    sortBy: (task) => task.state,
    cell: (task) => <StateBadge tone={STATE_WORDS[task.state].tone}>{STATE_WORDS[task.state].word}</StateBadge>,
  },
  { key: "assignee", title: "Who", width: "10rem", wideOnly: true, sortBy: (task) => task.assignee?.name ?? null, cell: (task) => task.assignee?.name ?? <Text inherit c="dimmed">anyone</Text> },
  {
    key: "priority",
    title: "Priority",
    width: "7rem",
    align: "right",
    sortBy: (task) => task.priority,
    cell: (task) => <Priority task={task} />,
    wideOnly: true,
  },
  { key: "updated", title: "Changed", width: "9rem", align: "right", sortBy: (task) => task.updated_at, cell: (task) => <TimeAgo at={task.updated_at} />, wideOnly: true },
];

function Title({ task }: { task: Task }) {
  return (
    <>
      <Truncated>{task.title || task.image.name}</Truncated>
      {task.blind && (
        <Text size="xs" c="dimmed" truncate>
          {task.repeat_after_days === null ? "blind rating" : "blind repetition"}: no other labels are shown
        </Text>
      )}
      {task.branch.author_name && task.kind === "CORRECT" && (
        <Text size="xs" c="dimmed">
          proposed by {task.branch.author_name}
        </Text>
      )}
    </>
  );
}

/** For a correction the priority is how many objects the model expects to be wrong. */
function Priority({ task }: { task: Task }) {
  if (task.priority === 0) return "–";
  const value = task.priority.toFixed(task.priority < 10 ? 1 : 0);
  return task.kind === "CORRECT" ? <span title="Objects that the model expects to be wrong">{value} unsure</span> : value;
}
