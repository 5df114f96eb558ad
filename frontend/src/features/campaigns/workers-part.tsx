import { Button, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { formatCount } from "@/lib/format";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { DataTable, type Column } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import { Histogram } from "./plots";
import { deleteWorker, excludeWorker, workersQuery, type Campaign, type Results, type Worker } from "./queries";
import { useCampaignChange } from "./use-campaign-change";
import { sharePercent, WORKER_WORDS } from "./words";
import classes from "./campaigns.module.css";

/** How reliable people are, all together first; single ones by when they came, not by rank. */
export function WorkersPart({ campaign, results, isLive, mayManage }: { campaign: Campaign; results: Results | undefined; isLive: boolean; mayManage: boolean }) {
  const workers = useQuery(workersQuery(campaign.id, isLive));
  const [asked, ask] = useState<Worker | null>(null);
  const columns = useMemo(() => columnsOf(mayManage ? ask : null), [mayManage]);
  return (
    <Stack gap="md">
      <Panel title="Reliability" lead="Learnt from gold questions and from agreement with others. It weighs every answer.">
        <div className={classes.plots}>
          <Histogram title="Workers by reliability" counts={results?.reliability ?? []} low="guesses" high="always right" />
          <div>
            <Text size="sm" c="dimmed">
              Right on gold, on average
            </Text>
            <Text size="lg" fw={600} className="num">
              {sharePercent(results?.gold_score)}
            </Text>
          </div>
        </div>
      </Panel>
      <Panel title="Workers" lead="Random keys: no name, address or device is known.">
        <ErrorNotice error={workers.error} onRetry={() => void workers.refetch()} />
        {workers.isPending && <Skeleton height={120} />}
        {workers.data?.length === 0 && <EmptyState title="Nobody yet">People appear here when they have agreed and begun.</EmptyState>}
        {workers.data && workers.data.length > 0 && (
          <DataTable label="Workers" rows={workers.data} columns={columns} rowKey={(row) => row.id} rowLabel={(row) => row.name} initialSort={{ key: "seen", direction: "descending" }} maxHeight="50dvh" />
        )}
      </Panel>
      {asked && <Exclusion campaign={campaign.id} worker={asked} onClose={() => ask(null)} />}
    </Stack>
  );
}

function columnsOf(ask: ((worker: Worker) => void) | null): Column<Worker>[] {
  return [
    { key: "name", title: "Key", width: "6.5rem", cell: (row) => row.name },
    { key: "state", title: "State", width: "7rem", cell: (row) => <StateBadge tone={WORKER_WORDS[row.state].tone} title={row.reason}>{WORKER_WORDS[row.state].word}</StateBadge>, sortBy: (row) => row.state },
    { key: "answered", title: "Answers", align: "right", wideOnly: true, cell: (row) => formatCount(row.answered), sortBy: (row) => row.answered },
    { key: "fast", title: "Too fast", align: "right", wideOnly: true, cell: (row) => formatCount(row.fast) },
    { key: "gold", title: "Gold", align: "right", wideOnly: true, cell: (row) => (row.gold_answered > 0 ? `${sharePercent(row.gold_score)} of ${row.gold_answered}` : "–") },
    { key: "reliability", title: "Reliability", align: "right", wideOnly: true, cell: (row) => sharePercent(row.reliability) },
    { key: "seen", title: "Seen", wideOnly: true, cell: (row) => <TimeAgo at={row.seen_at ?? row.joined_at} />, sortBy: (row) => row.seen_at ?? row.joined_at },
    { key: "reason", title: "Why it ended", width: "13rem", wideOnly: true, cell: (row) => row.reason && <Truncated>{row.reason}</Truncated>, sortBy: (row) => row.reason },
    ...(ask
      ? [
          {
            key: "act",
            title: "",
            width: "6.5rem",
            align: "right" as const,
            cell: (row: Worker) => (
              <Button size="compact-xs" variant="subtle" color={row.state === "EXCLUDED" ? undefined : "bad"} onClick={() => ask(row)}>
                {row.state === "EXCLUDED" ? "Take back" : "Exclude…"}
              </Button>
            ),
          },
        ]
      : []),
  ];
}

/** Excluding, taking an exclusion back, or deleting all of one worker. */
function Exclusion({ campaign, worker, onClose }: { campaign: string; worker: Worker; onClose: () => void }) {
  const isOut = worker.state === "EXCLUDED";
  const [reason, setReason] = useState("");
  const [deletes, setDeletes] = useState(false);
  const exclude = useCampaignChange(() => excludeWorker(campaign, worker.id, !isOut, reason), onClose);
  const remove = useCampaignChange(() => deleteWorker(campaign, worker.id), onClose);
  if (deletes) {
    return (
      <ConfirmDialog opened title={`Delete all of ${worker.name}?`} confirm="Delete answers" busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate(undefined)} onClose={onClose}>
        The key and its {formatCount(worker.answered)} answers go and do not come back. Use it when somebody asks you to be forgotten.
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog opened title={isOut ? `Take ${worker.name} back?` : `Exclude ${worker.name}?`} confirm={isOut ? "Take back" : "Exclude"} busy={exclude.isPending} error={exclude.error} onConfirm={() => exclude.mutate(undefined)} onClose={onClose}>
      <Stack gap="sm">
        <span>
          {isOut
            ? "The answers count again, and this worker may go on."
            : `The ${formatCount(worker.answered)} answers of this worker no longer count, their questions are asked again, and the worker sees that it ended.`}
        </span>
        {!isOut && <TextInput label="Reason" description="The worker reads it." maxLength={300} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />}
        <Button variant="subtle" size="compact-sm" color="bad" onClick={() => setDeletes(true)} style={{ alignSelf: "flex-start" }}>
          Delete all of this worker instead
        </Button>
      </Stack>
    </ConfirmDialog>
  );
}
