import { Select, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { addresses } from "@/lib/addresses";
import { formatCount, plural } from "@/lib/format";
import { DataTable } from "@/ui/data-table";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import type { Tone } from "@/ui/palette";
import { StateBadge } from "@/ui/state-badge";
import { useQueryValue } from "@/ui/use-address";
import { comparisonQuery, type Release, type ReleaseChange, type ReleaseDetail } from "./queries";

const SAID: Record<ReleaseChange["became"], { tone: Tone; word: string }> = {
  SAME: { tone: "quiet", word: "the same" },
  CHANGED: { tone: "wait", word: "changed" },
  ADDED: { tone: "good", word: "added" },
  REMOVED: { tone: "bad", word: "removed" },
};

/** What this release changed against another, image by image; without another, its images. */
export function Comparison({ project, release, others }: { project: string; release: ReleaseDetail; others: readonly Release[] }) {
  const [against, setAgainst] = useQueryValue("against");
  const base = others.find((one) => one.id === against && one.id !== release.id);
  const rows = useQuery({ ...comparisonQuery(release.id, base?.id ?? ""), enabled: base !== undefined });
  const choices = others.filter((one) => one.id !== release.id).map(({ id, name }) => ({ value: id, label: name }));
  const differing = rows.data?.filter((one) => one.became !== "SAME").length ?? 0;
  return (
    <Stack gap="sm">
      <Select size="xs" w={240} label="Against" clearable placeholder={choices.length > 0 ? "Choose a release" : "There is no other release yet"} disabled={choices.length === 0} data={choices} value={base?.id ?? null} onChange={(value) => setAgainst(value ?? undefined)} />
      <ErrorNotice error={rows.error} />
      {base && rows.isPending && <Skeleton height={100} />}
      {base && rows.data && (
        <>
          <Text size="sm" className="num">
            {plural(differing, "image")} of {formatCount(rows.data.length)} differ.
          </Text>
          <Changes project={project} rows={rows.data} />
        </>
      )}
    </Stack>
  );
}

function Changes({ project, rows }: { project: string; rows: readonly ReleaseChange[] }) {
  return (
    <DataTable<ReleaseChange>
      label="Images of both releases"
      rows={rows}
      rowKey={(one) => one.image}
      rowLabel={(one) => one.name}
      maxHeight="40dvh"
      columns={[
        { key: "name", title: "Image", cell: (one) => one.name, sortBy: (one) => one.name },
        { key: "became", title: "", width: "7rem", cell: (one) => <StateBadge tone={SAID[one.became].tone}>{SAID[one.became].word}</StateBadge>, sortBy: (one) => one.became },
        { key: "before", title: "Cells before", width: "7rem", align: "right", wideOnly: true, cell: (one) => (one.before ? formatCount(one.before.cell_count) : "–"), sortBy: (one) => one.before?.cell_count ?? -1 },
        { key: "after", title: "Cells", width: "6rem", align: "right", wideOnly: true, cell: (one) => (one.after ? formatCount(one.after.cell_count) : "–"), sortBy: (one) => one.after?.cell_count ?? -1 },
        {
          key: "look",
          title: "",
          width: "7rem",
          align: "right",
          cell: (one) =>
            one.before &&
            one.after &&
            one.became === "CHANGED" && (
              <TextLink size="sm" to={addresses.compare(project, one.image, { base: one.before.branch, baseRevision: one.before.number, target: one.after.branch, targetRevision: one.after.number })}>
                Differences
              </TextLink>
            ),
        },
      ]}
    />
  );
}
