import { Skeleton } from "@mantine/core";
import { IconDeviceMobile, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { formatCount } from "@/lib/format";
import { KIND_NAMES } from "@/microtasks/words";
import { DataTable, type Column } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import { useParam } from "@/ui/use-address";
import { fractionOf } from "./progress";
import { campaignsQuery, type Campaign } from "./queries";
import { sharePercent, STATE_WORDS } from "./words";

/** Campaigns of a project: many people without an account answer small questions. */
export function CampaignsPage() {
  const project = useParam("projectId");
  const mayManage = useMay(project, "MANAGER");
  const navigate = useNavigate();
  const campaigns = useQuery(campaignsQuery(project));
  const columns = useMemo(() => columnsOf(), []);
  const button = mayManage && (
    <ButtonLink to={addresses.newCampaign(project)} leftSection={<IconPlus size={16} aria-hidden />}>
      New campaign
    </ButtonLink>
  );
  return (
    <>
      <PageHeader title="Crowd" subtitle="Small questions for many people: by a link, on their phones, without an account. Their answers become labels that an expert reviews." actions={button} />
      <ErrorNotice error={campaigns.error} onRetry={() => void campaigns.refetch()} />
      {campaigns.isPending && <Skeleton height={200} />}
      {campaigns.data?.length === 0 && (
        <EmptyState icon={<IconDeviceMobile size={40} stroke={1.2} />} title="No campaign yet" action={button}>
          Ask a class of students, visitors of a museum, or a payment platform: is this a cell, mend this outline, is it the same cell? Several answers to each question are weighed by how reliable each person is.
        </EmptyState>
      )}
      {campaigns.data && campaigns.data.length > 0 && (
        <DataTable label="Campaigns" rows={campaigns.data} columns={columns} rowKey={(row) => row.id} rowLabel={(row) => row.name} onOpen={(row) => void navigate({ to: addresses.campaign(project, row.id) })} />
      )}
    </>
  );
}

function columnsOf(): Column<Campaign>[] {
  return [
    { key: "name", title: "Campaign", cell: (row) => <Truncated>{row.name}</Truncated>, sortBy: (row) => row.name },
    { key: "state", title: "State", width: "6.5rem", cell: (row) => <StateBadge tone={STATE_WORDS[row.state].tone}>{STATE_WORDS[row.state].word}</StateBadge>, sortBy: (row) => row.state },
    { key: "kinds", title: "Questions", wideOnly: true, cell: (row) => <Truncated>{row.kinds.map((kind) => KIND_NAMES[kind]).join(", ") || "none yet"}</Truncated> },
    { key: "share", title: "Done", width: "5rem", align: "right", cell: (row) => sharePercent(fractionOf(row.counts)), sortBy: (row) => fractionOf(row.counts) },
    { key: "done", title: "Questions done", width: "10rem", align: "right", wideOnly: true, cell: (row) => `${formatCount(row.counts.done)} of ${formatCount(row.counts.items)}`, sortBy: (row) => row.counts.done },
    { key: "answers", title: "Answers", width: "7rem", align: "right", wideOnly: true, cell: (row) => formatCount(row.counts.answers), sortBy: (row) => row.counts.answers },
    { key: "workers", title: "Workers", width: "7rem", align: "right", wideOnly: true, cell: (row) => formatCount(row.counts.workers), sortBy: (row) => row.counts.workers },
    { key: "made", title: "Made", width: "8rem", wideOnly: true, cell: (row) => <TimeAgo at={row.created_at} />, sortBy: (row) => row.created_at },
  ];
}
