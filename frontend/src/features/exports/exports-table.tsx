import { Button, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { formatBytes } from "@/lib/format";
import { DataTable } from "@/ui/data-table";
import type { Tone } from "@/ui/palette";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import { formatName, type Export } from "./formats";

const SAID: Record<NonNullable<Export["state"]>, { tone: Tone; word: string }> = {
  PENDING: { tone: "quiet", word: "waiting" },
  RUNNING: { tone: "busy", word: "writing" },
  DONE: { tone: "good", word: "ready" },
  FAILED: { tone: "bad", word: "failed" },
};

export function ExportsTable({ exports }: { exports: Export[] }) {
  return (
    <DataTable<Export>
      label="Exports"
      rows={exports}
      rowKey={(one) => one.id}
      rowLabel={(one) => `${formatName(one.format)} export`}
      columns={[
        { key: "format", title: "Format", cell: (one) => formatName(one.format), sortBy: (one) => one.format },
        { key: "which", title: "Revisions", width: "8rem", wideOnly: true, cell: (one) => ({ HEAD: "newest", ACCEPTED: "accepted", RELEASE: "a release" })[one.which ?? "ACCEPTED"] },
        { key: "by", title: "By", wideOnly: true, cell: (one) => <Truncated c="dimmed">{one.created_by?.name ?? "–"}</Truncated> },
        { key: "at", title: "When", width: "8rem", wideOnly: true, cell: (one) => <TimeAgo at={one.created_at} />, sortBy: (one) => one.created_at },
        { key: "state", title: "State", cell: (one) => <State one={one} /> },
        { key: "size", title: "Size", width: "6.5rem", align: "right", wideOnly: true, cell: (one) => (one.state === "DONE" ? formatBytes(one.size_bytes ?? 0) : ""), sortBy: (one) => one.size_bytes ?? 0 },
        { key: "get", title: "", width: "9rem", align: "right", cell: (one) => <Download one={one} /> },
      ]}
    />
  );
}

function State({ one }: { one: Export }) {
  const { tone, word } = SAID[one.state ?? "PENDING"];
  return (
    <>
      <StateBadge tone={tone}>{word}</StateBadge>
      {one.message && (
        <Text component="div" size="xs" c="dimmed">
          <Truncated>{one.message}</Truncated>
        </Text>
      )}
    </>
  );
}

function Download({ one }: { one: Export }) {
  if (one.state !== "DONE") return null;
  return (
    <Button component="a" href={`/api/v1/exports/${one.id}/download/`} download size="compact-sm" variant="default" leftSection={<IconDownload size={14} aria-hidden />} aria-label={`Download ${formatName(one.format)}`}>
      Download
    </Button>
  );
}
