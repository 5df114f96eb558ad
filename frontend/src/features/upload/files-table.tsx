import { useMemo, useState } from "react";
import { SegmentedControl } from "@mantine/core";
import { formatBytes, formatCount } from "@/lib/format";
import { DataTable, type Column } from "@/ui/data-table";
import type { Tone } from "@/ui/palette";
import { StateBadge } from "@/ui/state-badge";
import { Truncated } from "@/ui/truncated";
import type { Upload, UploadFile } from "./queries";
import type { FileProgress } from "./upload-run";

interface Row {
  id: string;
  path: string;
  size: number;
  tone: Tone;
  word: string;
  reason: string;
  refused: boolean;
}

export function FilesTable({ upload, progress }: { upload: Upload; progress: ReadonlyMap<string, FileProgress> | null }) {
  const [only, setOnly] = useState("all");
  const rows = useMemo(() => upload.files.map((file) => rowOf(file, progress?.get(file.path))), [upload.files, progress]);
  const refused = rows.filter((row) => row.refused);
  return (
    <>
      {refused.length > 0 && (
        <SegmentedControl
          w="fit-content"
          aria-label="Which files"
          value={only}
          onChange={(value) => setOnly(value ?? "all")}
          data={[
            { value: "all", label: `All ${formatCount(rows.length)}` },
            { value: "refused", label: `Refused ${formatCount(refused.length)}` },
          ]}
        />
      )}
      <DataTable<Row>
        label="Files of this upload"
        rows={only === "refused" ? refused : rows}
        rowKey={(row) => row.id}
        rowLabel={(row) => row.path}
        maxHeight="52dvh"
        columns={columnsOf(refused.length > 0)}
      />
    </>
  );
}

function columnsOf(withReasons: boolean): Column<Row>[] {
  const columns: Column<Row>[] = [
    { key: "path", title: "File", cell: (row) => <Truncated>{row.path}</Truncated>, sortBy: (row) => row.path },
    { key: "size", title: "Size", width: "6.5rem", align: "right", wideOnly: true, cell: (row) => formatBytes(row.size), sortBy: (row) => row.size },
    { key: "state", title: "State", width: "8rem", cell: (row) => <StateBadge tone={row.tone}>{row.word}</StateBadge>, sortBy: (row) => row.word },
  ];
  if (withReasons) columns.push({ key: "reason", title: "Why", cell: (row) => (row.reason ? <Truncated>{row.reason}</Truncated> : null), sortBy: (row) => row.reason || null });
  return columns;
}

function rowOf(file: UploadFile, progress: FileProgress | undefined): Row {
  const reason = progress?.refused ?? file.reason ?? "";
  const refused = file.state === "REFUSED" || Boolean(progress?.refused);
  return { id: file.id, path: file.path, size: file.size, reason, refused, ...stateOf(file, progress, refused) };
}

function stateOf(file: UploadFile, progress: FileProgress | undefined, refused: boolean): { tone: Tone; word: string } {
  if (refused) return { tone: "bad", word: "refused" };
  if (file.state === "IMPORTED") return { tone: "good", word: "imported" };
  if (file.state === "RECEIVED" || (progress && progress.sent >= progress.size)) return { tone: "good", word: "uploaded" };
  const sent = progress?.sent ?? file.received ?? 0;
  return sent > 0 ? { tone: "busy", word: `${Math.floor((100 * sent) / file.size)} %` } : { tone: "quiet", word: "waiting" };
}
