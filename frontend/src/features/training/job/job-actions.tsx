import { Button } from "@mantine/core";
import { IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { addresses } from "@/lib/addresses";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { ButtonLink } from "@/ui/link";
import { toast } from "@/ui/toast";
import { cancelJob, retryJob } from "../queries";
import type { Job } from "../types";
import { isOver } from "./job-words";

/** What they predict is a map or an image, which nobody corrects. */
const WITHOUT_LABELS: readonly string[] = ["embed", "translate"];

export function JobActions({ job }: { job: Job }) {
  return (
    <>
      {!isOver(job.state) && <Cancel job={job} />}
      {(job.state === "FAILED" || job.state === "CANCELLED") && <Retry project={job.project} job={job.id} />}
      {job.result && <ButtonLink to={addresses.model(job.project, job.result)}>Open the model</ButtonLink>}
      {job.kind === "PREDICT" && job.state === "SUCCEEDED" && !WITHOUT_LABELS.includes(job.recipe) && (
        <ButtonLink to={addresses.tasks(job.project, { kind: "CORRECT", mine: false })}>Correct the proposals</ButtonLink>
      )}
    </>
  );
}

function Cancel({ job }: { job: Job }) {
  const [asked, setAsked] = useState(false);
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelJob(job.id),
    onSuccess: (stopped) => {
      queries.setQueryData(["jobs", job.id], stopped);
      setAsked(false);
    },
  });
  return (
    <>
      <Button variant="default" leftSection={<IconPlayerStop size={16} />} disabled={job.state === "CANCELLING"} onClick={() => setAsked(true)}>
        Cancel
      </Button>
      <ConfirmDialog opened={asked} title="Cancel this job" confirm="Cancel the job" busy={cancel.isPending} error={cancel.error} onConfirm={() => cancel.mutate()} onClose={() => setAsked(false)}>
        It stops at its next step and makes no model. What it has measured stays here, and it can be started again.
      </ConfirmDialog>
    </>
  );
}

/** Asks for the same again as a new job; the old one stays. */
export function Retry({ project, job }: { project: string; job: string }) {
  const navigate = useNavigate();
  const retry = useMutation({
    mutationFn: () => retryJob(job),
    onSuccess: (again) => void navigate({ to: addresses.job(project, again.id) }),
    onError: (error) => toast.failed(error),
  });
  return (
    <Button leftSection={<IconRefresh size={16} />} loading={retry.isPending} onClick={() => retry.mutate()}>
      Try again
    </Button>
  );
}
