import { Alert, Radio, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { formatCount, formatDateTime, plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { FormDialog } from "@/ui/form-dialog";
import { toast } from "@/ui/toast";
import { previewRevert, revertEdits, type AuditLine, type Reversal, type Whose } from "./queries";

const SHOWN = 40;

/** Takes back what one person or one model did on a branch, after showing what that changes and what stays. */
export function RevertDialog({ line, onClose }: { line: AuditLine; onClose: () => void }) {
  const [from, setFrom] = useState<"here" | "always">("here");
  const queries = useQueryClient();
  const author = line.model || line.person_name || "somebody";
  const whose: Whose = { ...(line.model ? { model: line.model } : { person: line.person ?? "" }), ...(from === "here" && { since: line.at }) };
  const plan = useQuery({ queryKey: ["audit", "revert", line.branch, whose], queryFn: () => previewRevert(line.branch, whose), gcTime: 0, retry: false });
  const nothing = plan.data?.cells === 0;
  const revert = useMutation({
    mutationFn: () => revertEdits(line.branch, whose, plan.data?.head ?? 0),
    onSuccess: async () => {
      await Promise.all([["audit"], ["branches"], ["annotate"], ["cells"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
      toast.done(`The edits of ${author} are taken back. The new revision can be undone like any other.`);
      onClose();
    },
    onError: () => void plan.refetch(),
  });
  return (
    <FormDialog title={`Take back edits of ${author}`} submit={nothing ? "Nothing to take back" : "Take back"} busy={revert.isPending || plan.isPending} error={revert.error} onSubmit={() => !nothing && plan.data && revert.mutate()} onClose={onClose}>
      <Text size="sm">
        On {line.branch_name} of {line.image_name}, as a new revision. What others changed later stays as it is.
      </Text>
      <Radio.Group aria-label="Since when" value={from} onChange={setFrom}>
        <Stack gap={6}>
          <Radio value="here" label={`From this edit on (${formatDateTime(line.at)})`} />
          <Radio value="always" label="Everything they ever did there" />
        </Stack>
      </Radio.Group>
      <ErrorNotice error={plan.error} onRetry={() => void plan.refetch()} />
      {plan.isPending && <Skeleton height={60} />}
      {plan.data && <Plan plan={plan.data} />}
    </FormDialog>
  );
}

function Plan({ plan }: { plan: Reversal }) {
  return (
    <Stack gap="xs" aria-live="polite">
      <Text size="sm" className="num">
        {plural(plan.edits, "edit")}: {plural(plan.cells, "cell")} become as they were before, {formatCount(plan.added_px)} px come back and {formatCount(plan.removed_px)} px go.
      </Text>
      {plan.changes.length > 0 && (
        <Text size="xs" c="dimmed" className="num">
          Cells {[...new Set(plan.changes.map((one) => one.cell))].slice(0, SHOWN).join(", ")}
          {plan.cells > SHOWN && " …"}
        </Text>
      )}
      {plan.kept_count > 0 && (
        <Alert color="warn" variant="light" title={`${plural(plan.kept_count, "place")} stay, because somebody else changed them later`} p="xs">
          <Stack gap={2} mah={160} style={{ overflowY: "auto" }}>
            {plan.kept.slice(0, SHOWN).map((one, i) => (
              <Text key={i} size="xs" className="num">
                Cell {one.cell}
                {one.t === null ? "" : `, frame ${one.t}${one.z ? `, plane ${one.z}` : ""}`}: {one.by}, revision {one.revision}
              </Text>
            ))}
          </Stack>
        </Alert>
      )}
    </Stack>
  );
}
