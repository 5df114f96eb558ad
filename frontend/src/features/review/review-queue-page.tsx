import { Group, Kbd, NativeSelect, Skeleton, Text } from "@mantine/core";
import { IconArrowRight, IconEyeCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/projects";
import { inReviewOrder, REVIEW_ORDERS, reviewOrderOf, submittedQuery, type WaitingTask } from "@/api/review-queue";
import { addresses } from "@/lib/addresses";
import { AskCrowdLink } from "@/ui/ask-crowd-link";
import { DataTable, type Column } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { TimeAgo } from "@/ui/time-ago";
import { StateBadge } from "@/ui/state-badge";
import { Truncated } from "@/ui/truncated";
import { useParam, useQueryValue } from "@/ui/use-address";
import { ChangedPanel } from "./changed-panel";

/** What has been handed in, the longest waiting or the most doubtful first. */
export function ReviewQueuePage() {
  const projectId = useParam("projectId");
  const navigate = useNavigate();
  const [asked, setOrder] = useQueryValue("order");
  const order = reviewOrderOf(asked);
  const query = useQuery(submittedQuery(projectId, order));
  const first = query.data?.[0];
  const manages = useMay(projectId, "MANAGER");
  const drafts = inReviewOrder(query.data?.filter(isOfModel) ?? [], "quality").map(({ branch, image }) => ({ branch: branch.id, dataset: image.dataset }));
  return (
    <>
      <PageHeader
        title="Review"
        subtitle="Labels that were handed in. What you accept may be learned from; what you return goes back with your notes."
        actions={
          <Group gap="xs">
            {manages && <AskCrowdLink project={projectId} kind="CELL" drafts={drafts} />}
            {first && (
              <ButtonLink to={addresses.review(projectId, first.id, asked)} rightSection={<IconArrowRight size={16} />}>
                Review the next
              </ButtonLink>
            )}
          </Group>
        }
      />
      {first && (
        <Text size="sm" c="dimmed" mb="sm">
          Every task can be judged without the mouse: <Kbd>A</Kbd> accept, <Kbd>R</Kbd> return, <Kbd>N</Kbd> note, <Kbd>J</Kbd> <Kbd>K</Kbd> next and previous task, <Kbd>↑</Kbd> <Kbd>↓</Kbd> from change to change.
        </Text>
      )}
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Skeleton height={240} />}
      {query.data?.length === 0 && (
        <EmptyState icon={<IconEyeCheck size={40} stroke={1.2} />} title="Nothing waits for review" action={<ButtonLink to={addresses.tasks(projectId, { mine: false })} variant="default">See all tasks</ButtonLink>}>
          When somebody submits a task, it stands here until a reviewer accepts it or sends it back. Only accepted labels enter training by default.
        </EmptyState>
      )}
      {query.data && query.data.length > 0 && (
        <>
          <NativeSelect size="xs" w={230} mb="xs" aria-label="Order" data={REVIEW_ORDERS} value={order} onChange={({ currentTarget: { value } }) => setOrder(value === "waiting" ? undefined : value)} />
          <DataTable
            key={order}
            label="Submitted tasks"
            columns={manages ? [...COLUMNS, crowdColumn(projectId)] : COLUMNS}
            rows={query.data}
            rowKey={(task) => task.id}
            rowLabel={(task) => task.title}
            onOpen={(task) => void navigate({ to: addresses.review(projectId, task.id, asked) })}
          />
        </>
      )}
      <div style={{ marginTop: "1.5rem" }}>
        <ChangedPanel project={projectId} />
      </div>
    </>
  );
}

const COLUMNS: readonly Column<WaitingTask>[] = [
  { key: "title", title: "Task", sortBy: (task) => task.title, cell: (task) => <TaskTitle task={task} /> },
  { key: "kind", title: "Kind", width: "9rem", wideOnly: true, sortBy: (task) => task.kind, cell: (task) => (task.kind === "LABEL" ? "Label" : `Correct ${task.branch.author_name}`) },
  { key: "who", title: "By", width: "12rem", sortBy: (task) => task.assignee?.name ?? null, cell: (task) => task.assignee?.name ?? "–" },
  { key: "doubt", title: "Doubt", width: "13rem", wideOnly: true, cell: ({ signs }) => <Doubt signs={signs} /> },
  { key: "revisions", title: "Revisions", width: "6.5rem", wideOnly: true, align: "right", cell: (task) => `${task.base_number ?? 0} → ${task.submitted_number ?? "–"}` },
  { key: "since", title: "Waiting since", width: "8rem", wideOnly: true, align: "right", sortBy: (task) => task.updated_at, cell: (task) => <TimeAgo at={task.updated_at} /> },
];

/** A model's proposals: of their cells it is known how sure it was. */
const isOfModel = ({ kind, branch }: WaitingTask): boolean => kind === "CORRECT" && branch.origin === "MODEL";

const crowdColumn = (project: string): Column<WaitingTask> => ({
  key: "crowd",
  title: "Crowd",
  width: "8rem",
  wideOnly: true,
  cell: (task) => isOfModel(task) && <AskCrowdLink project={project} size="compact-xs" kind="CELL" drafts={[{ branch: task.branch.id, dataset: task.image.dataset }]} of={`the cells of ${task.image.name}`} />,
});

/** What there is to tell of how sure a crowd, two raters, a model and people are. */
function Doubt({ signs }: Pick<WaitingTask, "signs">) {
  const percent = (value: number) => (value > 0 && value < 0.01 ? "under 1 %" : `${Math.round(100 * value)} %`);
  const words = [
    ...(signs?.ambiguity != null ? [`crowd divided ${percent(signs.ambiguity)}`] : []),
    ...(signs?.disagreement != null ? [`raters differ ${percent(signs.disagreement)}`] : []),
    ...(signs?.quality != null ? [`model sure ${percent(signs.quality)}`] : []),
    ...(signs?.uncertain ? [`${signs.uncertain} uncertain`] : []),
  ];
  return <Truncated>{words.join(", ") || "–"}</Truncated>;
}

function TaskTitle({ task }: { task: WaitingTask }) {
  return (
    <>
      <Truncated>{task.title || task.image.name}</Truncated>
      {task.changed_after_acceptance && (
        <StateBadge tone="bad" title="It was accepted once; the labels were changed since.">
          changed after acceptance
        </StateBadge>
      )}
    </>
  );
}
