import { Button, Group, SegmentedControl, Select, Skeleton } from "@mantine/core";
import { IconArrowRight, IconChecklist } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { toast } from "@/ui/toast";
import { useParam, useQueryValue, useSetQuery } from "@/ui/use-address";
import { BulkBar } from "./bulk-bar";
import { takeNext, tasksQuery, type TaskFilter } from "./queries";
import { TaskTable } from "./task-table";
import { byUrgency, KIND_WORDS, STATE_WORDS } from "./task-words";

export function TasksPage() {
  const projectId = useParam("projectId");
  const manages = useMay(projectId, "MANAGER");
  const reviews = useMay(projectId, "REVIEWER");
  const filter = useTaskFilter(projectId);
  const query = useInfiniteQuery(tasksQuery(filter));
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const tasks = useMemo(() => byUrgency(query.data?.pages.flatMap((page) => page.results) ?? []), [query.data]);
  const total = query.data?.pages[0]?.count;
  const chosen = tasks.filter((task) => selected.has(task.id));
  return (
    <>
      <PageHeader
        title="Tasks"
        subtitle={total === undefined ? "Pieces of labelling and correcting, each given to one person." : `${plural(total, "task")} shown. Each is given to one person and ends with a review.`}
        actions={
          <>
            {reviews && (
              <ButtonLink to={addresses.agreement(projectId)} variant="default">
                Agreement
              </ButtonLink>
            )}
            <ButtonLink to={addresses.throughput(projectId)} variant="default">
              Throughput
            </ButtonLink>
            {manages && (
              <ButtonLink to={addresses.datasets(projectId)} variant="default">
                New tasks
              </ButtonLink>
            )}
            <NextTask projectId={projectId} />
          </>
        }
      />
      <Filters />
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Skeleton height={280} />}
      {query.data && tasks.length === 0 && <NoTasks projectId={projectId} mine={filter.mine === true} manages={manages} />}
      {tasks.length > 0 && (
        <>
          <BulkBar tasks={chosen} projectId={projectId} onDone={() => setSelected(new Set())} />
          <TaskTable projectId={projectId} tasks={tasks} selection={{ selected, onChange: setSelected }} onEnd={() => query.hasNextPage && !query.isFetchingNextPage && void query.fetchNextPage()} />
        </>
      )}
    </>
  );
}

function useTaskFilter(project: string): TaskFilter {
  const [mine] = useQueryValue("mine");
  const [state] = useQueryValue("state");
  const [kind] = useQueryValue("kind");
  return {
    project,
    state: isKey(STATE_WORDS, state) ? state : undefined,
    kind: isKey(KIND_WORDS, kind) ? kind : undefined,
    mine: mine === "false" ? undefined : true,
  };
}

function isKey<Words extends object>(words: Words, text: string | undefined): text is Extract<keyof Words, string> {
  return text !== undefined && text in words;
}

function Filters() {
  const [mine] = useQueryValue("mine");
  const [state] = useQueryValue("state");
  const [kind] = useQueryValue("kind");
  const set = useSetQuery();
  return (
    <Group gap="sm" mb="sm">
      <SegmentedControl
        size="xs"
        aria-label="Whose tasks"
        data={[{ value: "mine", label: "Mine" }, { value: "all", label: "Everybody's" }]}
        value={mine === "false" ? "all" : "mine"}
        onChange={(value) => set({ mine: value === "all" ? "false" : undefined })}
      />
      <Select
        size="xs"
        w={150}
        aria-label="State"
        placeholder="Any state"
        clearable
        data={Object.entries(STATE_WORDS).map(([value, { word }]) => ({ value, label: word }))}
        value={state ?? null}
        onChange={(value) => set({ state: value ?? undefined })}
      />
      <Select
        size="xs"
        w={150}
        aria-label="Kind"
        placeholder="Any kind"
        clearable
        data={Object.entries(KIND_WORDS).map(([value, label]) => ({ value, label }))}
        value={kind ?? null}
        onChange={(value) => set({ kind: value ?? undefined })}
      />
    </Group>
  );
}

function NextTask({ projectId }: { projectId: string }) {
  const navigate = useNavigate();
  const next = useMutation({
    mutationFn: () => takeNext(projectId),
    onSuccess: (task) => {
      if (task) void navigate({ to: addresses.annotate(projectId, task.image.id, { task: task.id }) });
      else toast.done("No task is waiting for you. Well done.");
    },
    onError: (error) => toast.failed(error),
  });
  return (
    <Button rightSection={<IconArrowRight size={16} />} loading={next.isPending} onClick={() => next.mutate()}>
      Next task
    </Button>
  );
}

function NoTasks({ projectId, mine, manages }: { projectId: string; mine: boolean; manages: boolean }) {
  const set = useSetQuery();
  return (
    <EmptyState
      icon={<IconChecklist size={40} stroke={1.2} />}
      title={mine ? "Nothing is in your hands" : "No tasks yet"}
      action={
        mine ? (
          <Button variant="default" onClick={() => set({ mine: "false", state: undefined, kind: undefined })}>
            Show everybody's tasks
          </Button>
        ) : (
          manages && <ButtonLink to={addresses.datasets(projectId)}>Choose images</ButtonLink>
        )
      }
    >
      {mine
        ? "“Next task” takes the most urgent free one: what a model is least sure of comes first."
        : "A task asks one person to label an image, or to correct what a model proposed. Choose images in a dataset and make tasks of them, or let a prediction make them for you."}
    </EmptyState>
  );
}
