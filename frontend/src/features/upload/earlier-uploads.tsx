import { useQuery } from "@tanstack/react-query";
import { plural } from "@/lib/format";
import { DataTable } from "@/ui/data-table";
import type { Tone } from "@/ui/palette";
import { Panel } from "@/ui/panel";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { uploadsQuery, type Upload } from "./queries";

const SAID: Record<NonNullable<Upload["state"]>, { tone: Tone; word: string }> = {
  OPEN: { tone: "wait", word: "not finished" },
  RECEIVED: { tone: "busy", word: "waiting" },
  IMPORTING: { tone: "busy", word: "importing" },
  DONE: { tone: "good", word: "done" },
  FAILED: { tone: "bad", word: "failed" },
};

export function EarlierUploads({ dataset, except, onOpen }: { dataset: string; except?: string; onOpen: (upload: string) => void }) {
  const uploads = useQuery(uploadsQuery(dataset)).data?.filter((upload) => upload.id !== except) ?? [];
  if (uploads.length === 0) return null;
  return (
    <Panel title="Earlier uploads">
      <DataTable<Upload>
        label="Earlier uploads"
        rows={uploads}
        rowKey={(upload) => upload.id}
        rowLabel={(upload) => `Upload of ${plural(upload.files.length, "file")}`}
        onOpen={(upload) => onOpen(upload.id)}
        columns={[
          { key: "at", title: "When", cell: (upload) => <TimeAgo at={upload.created_at} />, sortBy: (upload) => upload.created_at },
          { key: "files", title: "Files", width: "7rem", align: "right", cell: (upload) => upload.files.length, sortBy: (upload) => upload.files.length },
          { key: "refused", title: "Refused", width: "7rem", align: "right", cell: (upload) => upload.files.filter((file) => file.state === "REFUSED").length || "–" },
          { key: "state", title: "State", width: "9rem", cell: (upload) => <StateBadge tone={SAID[upload.state ?? "OPEN"].tone}>{SAID[upload.state ?? "OPEN"].word}</StateBadge> },
        ]}
      />
    </Panel>
  );
}
