import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { formatCount } from "@/lib/format";
import { DataTable, type Column } from "@/ui/data-table";
import { Panel } from "@/ui/panel";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import { compareAddress } from "./compare-address";
import type { ImageAgreement, Rating } from "./queries";
import { STAGE_WORDS } from "./words";

interface Row {
  rating: Rating;
  agreed: ImageAgreement | undefined;
}

const measure = (name: string) => (row: Row) => row.agreed?.measures[name] ?? null;
const shown = (value: number | null) => (value === null ? "–" : value.toFixed(3));

/** Every image that is, or will be, rated twice. Enter opens the two side by side. */
export function RatingsTable({ project, ratings, images }: { project: string; ratings: readonly Rating[]; images: readonly ImageAgreement[] }) {
  const navigate = useNavigate();
  const rows = useMemo(() => {
    const agreed = new Map(images.map((one) => [one.rating.id, one]));
    return ratings.map((rating) => ({ rating, agreed: agreed.get(rating.id) }));
  }, [ratings, images]);
  const open = ({ rating }: Row) => {
    const to = compareAddress(project, rating);
    if (to) void navigate({ to });
  };
  return (
    <Panel title="Images rated twice" lead="Open one to see both ratings side by side and to settle them.">
      <DataTable label="Images rated twice" columns={COLUMNS} rows={rows} rowKey={({ rating }) => rating.id} rowLabel={({ rating }) => rating.image.name} onOpen={open} />
    </Panel>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { key: "image", title: "Image", cell: ({ rating }) => <Truncated>{rating.image.name}</Truncated>, sortBy: ({ rating }) => rating.image.name },
  { key: "stage", title: "", width: "7.5rem", cell: ({ rating: { stage } }) => <StateBadge tone={STAGE_WORDS[stage].tone}>{STAGE_WORDS[stage].word}</StateBadge>, sortBy: ({ rating }) => rating.stage },
  { key: "first", title: "First", width: "9rem", wideOnly: true, cell: ({ rating }) => <Truncated>{rating.first?.person?.name ?? "–"}</Truncated>, sortBy: ({ rating }) => rating.first?.person?.name ?? null },
  { key: "second", title: "Second", width: "9rem", wideOnly: true, cell: ({ rating }) => <Second rating={rating} />, sortBy: ({ rating }) => rating.second.person?.name ?? null },
  { key: "cells", title: "Cells", width: "7rem", align: "right", wideOnly: true, cell: ({ agreed }) => (agreed ? `${formatCount(agreed.first_cells)} / ${formatCount(agreed.second_cells)}` : "–"), sortBy: ({ agreed }) => agreed?.first_cells ?? null },
  { key: "f1", title: "F1", width: "5rem", align: "right", cell: (row) => shown(measure("f1_50")(row)), sortBy: measure("f1_50") },
  { key: "pq", title: "PQ", width: "5rem", align: "right", wideOnly: true, cell: (row) => shown(measure("pq")(row)), sortBy: measure("pq") },
  { key: "kappa", title: "Kappa", width: "5rem", align: "right", wideOnly: true, cell: (row) => shown(measure("kappa")(row)), sortBy: measure("kappa") },
];

function Second({ rating }: { rating: Rating }) {
  if (rating.repeat_after_days === null) return <Truncated>{rating.second.person?.name ?? "anyone"}</Truncated>;
  if (rating.second.person) return <Truncated>{`${rating.second.person.name ?? ""}, again`}</Truncated>;
  return rating.begins_at ? <span>again {<TimeAgo at={rating.begins_at} />}</span> : <span>again, {rating.repeat_after_days} d later</span>;
}
