import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { DataTable, type Column } from "@/ui/data-table";
import { Panel } from "@/ui/panel";
import { TimeAgo } from "@/ui/time-ago";
import { toast } from "@/ui/toast";
import { Truncated } from "@/ui/truncated";
import { askReview, changedQuery, type ChangedLabels } from "./queries";

/** Nothing approved changes silently: labels that were accepted without a task and changed since. Empty where there are none. */
export function ChangedPanel({ project }: { project: string }) {
  const changed = useQuery(changedQuery(project)).data;
  const reviews = useMay(project, "REVIEWER");
  if (!changed || changed.length === 0) return null;
  const columns: Column<ChangedLabels>[] = [
    { key: "image", title: "Image", cell: (row) => <Truncated>{row.image_name}</Truncated>, sortBy: (row) => row.image_name },
    { key: "who", title: "Changed by", width: "11rem", wideOnly: true, cell: (row) => row.changed_by ?? "a model or an import" },
    { key: "numbers", title: "Accepted → now", width: "9rem", align: "right", cell: (row) => `${row.accepted_number} → ${row.head_number ?? "–"}` },
    { key: "at", title: "Changed", width: "9rem", align: "right", wideOnly: true, cell: (row) => <TimeAgo at={row.changed_at} />, sortBy: (row) => row.changed_at },
  ];
  if (reviews) columns.push({ key: "ask", title: "", width: "7rem", cell: (row) => <ReviewButton project={project} row={row} /> });
  return (
    <Panel title="Changed after acceptance" lead="What was accepted stays what it was, and training goes on using it. These images have newer labels that nobody has looked at.">
      <DataTable label="Changed after acceptance" columns={columns} rows={changed} rowKey={(row) => row.id} rowLabel={(row) => row.image_name} />
    </Panel>
  );
}

function ReviewButton({ project, row }: { project: string; row: ChangedLabels }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const ask = useMutation({
    mutationFn: () => askReview(row.id),
    onSuccess: async (task) => {
      void queries.invalidateQueries({ queryKey: ["images"] });
      await navigate({ to: addresses.review(project, task.id) });
    },
    onError: (error) => toast.failed(error),
  });
  return (
    <Button size="compact-xs" variant="default" loading={ask.isPending} onClick={() => ask.mutate()} aria-label={`Review the change of ${row.image_name}`}>
      Review
    </Button>
  );
}
