import { Group, SegmentedControl, Skeleton, Stack } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import { useMay } from "@/api/projects";
import type { Schema } from "@/api/types";
import { formatDuration, plural } from "@/lib/format";
import { DataTable, type Column } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { PageHeader } from "@/ui/page-header";
import { Panel } from "@/ui/panel";
import { Truncated } from "@/ui/truncated";
import { useParam } from "@/ui/use-address";
import { DayBars } from "./day-bars";
import { daysBack } from "./days";

type Row = Schema["ThroughputOut"];

const throughputQuery = (project: string, days: number) =>
  queryOptions({ queryKey: ["throughput", project, days], queryFn: () => data(api.GET("/api/v1/projects/{id}/throughput/", { params: { path: { id: project }, query: { days } } })), staleTime: 60_000 });

const SPANS = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
];

/** How work goes on: everybody's for managers, one's own for others. In the order of names; nobody is ranked. */
export function ThroughputPage() {
  const project = useParam("projectId");
  const [span, setSpan] = useState("30");
  const manages = useMay(project, "MANAGER");
  const query = useQuery(throughputQuery(project, Number(span)));
  const days = daysBack(Number(span), new Date());
  return (
    <>
      <PageHeader title="Throughput" subtitle={manages ? "What the log of edits says of each person, by name. Pauses of more than five minutes do not count as work." : "What the log of edits says of your work; managers see everybody’s."} />
      <Group mb="md">
        <SegmentedControl size="xs" aria-label="How far back" data={SPANS} value={span} onChange={setSpan} />
      </Group>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Skeleton height={240} />}
      {query.data?.length === 0 && (
        <EmptyState icon={<IconChartBar size={40} stroke={1.2} />} title="Nothing was drawn in this time">
          As soon as somebody labels or corrects cells, time, cells and corrections stand here.
        </EmptyState>
      )}
      {query.data && query.data.length > 0 && (
        <Stack gap="md">
          <Panel title="Cells a day" lead="Made (full) and corrected (pale). Every row has the same scale.">
            <DayBars rows={query.data} days={days} />
          </Panel>
          <DataTable label="Throughput" columns={COLUMNS} rows={query.data} rowKey={({ user }) => user.id} rowLabel={({ user }) => user.name ?? ""} />
        </Stack>
      )}
    </>
  );
}

const rate = (value: number | null, unit = "") => (value === null ? "–" : `${value.toFixed(value < 10 ? 1 : 0)}${unit}`);

const COLUMNS: readonly Column<Row>[] = [
  { key: "name", title: "Name", cell: ({ user }) => <Truncated>{user.name ?? ""}</Truncated> },
  { key: "time", title: "Time", width: "7rem", align: "right", wideOnly: true, cell: ({ work }) => formatDuration(work.seconds) },
  { key: "made", title: "Cells made", width: "6rem", align: "right", cell: ({ work }) => work.made },
  { key: "corrected", title: "Corrected", width: "7rem", align: "right", wideOnly: true, cell: ({ work }) => work.corrected },
  { key: "per", title: "Time per cell", width: "8rem", align: "right", cell: ({ work }) => rate(work.seconds_per_cell, " s") },
  { key: "each", title: "Corrections per cell", width: "10rem", align: "right", wideOnly: true, cell: ({ work }) => rate(work.corrections_per_cell) },
  { key: "verdicts", title: "Reviews", width: "12rem", align: "right", wideOnly: true, cell: ({ accepted, returned }) => `${plural(accepted, "accepted", "accepted")}, ${returned} returned` },
];
