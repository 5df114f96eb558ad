import { Group, SegmentedControl, Skeleton, Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { addresses } from "@/lib/addresses";
import { formatDuration } from "@/lib/format";
import { DataTable, type Column } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import { useParam, useQueryValue } from "@/ui/use-address";
import { elapsed_s, KIND_WORDS, STATE_WORDS } from "./job/job-words";
import { jobsQuery } from "./queries";
import type { Job } from "./types";

const KINDS = [
  { value: "TRAIN,SEARCH", label: "Trainings" },
  { value: "SEARCH", label: "Searches" },
  { value: "PREDICT", label: "Predictions" },
  { value: "TRAIN,SEARCH,PREDICT,EVALUATE,PREVIEW", label: "All jobs" },
];

export function TrainingPage() {
  const projectId = useParam("projectId");
  const navigate = useNavigate();
  const [kind = "TRAIN,SEARCH", setKind] = useQueryValue("kind");
  const query = useInfiniteQuery(jobsQuery(projectId, kind));
  const jobs = query.data?.pages.flatMap((page) => page.results) ?? [];
  const start = (
    <ButtonLink to={addresses.newTraining(projectId)} leftSection={<IconPlayerPlay size={16} />}>
      New training
    </ButtonLink>
  );
  return (
    <>
      <PageHeader title="Training" subtitle="Models learn here from accepted labels, on this machine or wherever a worker runs." actions={start} />
      <Group mb="sm">
        <SegmentedControl size="xs" aria-label="Kind of job" data={KINDS} value={kind} onChange={(value) => setKind(value === "TRAIN,SEARCH" ? undefined : value)} />
      </Group>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Skeleton height={240} />}
      {query.data && jobs.length === 0 && (
        <EmptyState icon={<IconPlayerPlay size={40} stroke={1.2} />} title="Nothing has been trained yet" action={start}>
          Ten accepted images are enough for a first model. It learns for a few minutes, shows its curves and examples as it goes, and then proposes labels for the rest, which is quicker than drawing them.
        </EmptyState>
      )}
      {jobs.length > 0 && (
        <DataTable
          label="Jobs"
          columns={COLUMNS}
          rows={jobs}
          rowKey={(job) => job.id}
          rowLabel={(job) => job.name}
          onOpen={(job) => void navigate({ to: addresses.job(projectId, job.id) })}
          onEnd={() => query.hasNextPage && !query.isFetchingNextPage && void query.fetchNextPage()}
        />
      )}
    </>
  );
}

const COLUMNS: readonly Column<Job>[] = [
  { key: "name", title: "Name", sortBy: (job) => job.name, cell: (job) => <Truncated>{job.name || KIND_WORDS[job.kind]}</Truncated> },
  { key: "kind", title: "Kind", width: "7rem", sortBy: (job) => job.kind, cell: (job) => KIND_WORDS[job.kind], wideOnly: true },
  { key: "state", title: "State", width: "16rem", sortBy: (job) => job.state, cell: (job) => <Standing job={job} /> },
  { key: "score", title: "AP at 0.5, test", width: "8rem", align: "right", sortBy: (job) => job.scores.test?.ap50 ?? null, cell: (job) => job.scores.test?.ap50?.toFixed(3) ?? "–" },
  { key: "took", title: "Took", width: "7rem", align: "right", cell: (job) => <Took job={job} />, wideOnly: true },
  { key: "created", title: "Asked for", width: "9rem", align: "right", sortBy: (job) => job.created_at, cell: (job) => <TimeAgo at={job.created_at} /> },
];

function Took({ job }: { job: Job }) {
  const [now] = useState(() => Date.now());
  return formatDuration(elapsed_s(job, now));
}

function Standing({ job }: { job: Job }) {
  const { tone, word } = STATE_WORDS[job.state];
  const running = job.state === "RUNNING" ? `${Math.round(job.fraction * 100)} %${job.eta_s === null ? "" : `, ${formatDuration(job.eta_s)} left`}` : "";
  return (
    <>
      <StateBadge tone={tone}>
        {word} {running}
      </StateBadge>
      {job.state === "FAILED" && (
        <Text size="xs" c="dimmed" lineClamp={1} title={job.error}>
          {job.error}
        </Text>
      )}
    </>
  );
}
