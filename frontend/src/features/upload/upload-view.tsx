import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { addresses } from "@/lib/addresses";
import { formatBytes, plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { Panel } from "@/ui/panel";
import { ProgressLine } from "@/ui/progress-line";
import { ProposedNote } from "@/starters/proposed-note";
import { uploadProposalQuery } from "@/starters/queries";
import { DropZone } from "./drop-zone";
import { FilesTable } from "./files-table";
import type { PickedFile } from "./picked-file";
import { isImporting, type Upload } from "./queries";
import { checkResume, receivedShare, type ResumeCheck } from "./resume";
import { runOf, startRun, useRunState } from "./runs";
import type { RunState, UploadRun } from "./upload-run";

/** One upload from its first byte to its last imported image, or to the reason why not. */
export function UploadView({ project, upload }: { project: string; upload: Upload }) {
  const [run, setRun] = useState(() => runOf(upload.id));
  const state = useRunState(run);
  const queries = useQueryClient();
  const sent = state?.phase === "sent";
  useEffect(() => {
    if (sent) void queries.invalidateQueries({ queryKey: ["uploads"] });
  }, [sent, queries]);
  return (
    <Stack gap="md">
      {upload.state === "OPEN" && run && state && <SendingPanel run={run} state={state} />}
      {upload.state === "OPEN" && !run && <ResumePanel upload={upload} onResume={(files) => setRun(startRun(upload, files))} />}
      {isImporting(upload) && <ImportingPanel upload={upload} />}
      {upload.state === "DONE" && <DonePanel project={project} upload={upload} />}
      {upload.state === "FAILED" && <ErrorNotice title="The import failed" error={new Error(upload.message || "The server did not say why.")} />}
      <FilesTable upload={upload} progress={upload.state === "OPEN" ? (state?.files ?? null) : null} />
    </Stack>
  );
}

function SendingPanel({ run, state }: { run: UploadRun; state: RunState }) {
  const going = state.phase === "sending" || state.phase === "waiting";
  const button = going ? (
    <Button variant="default" leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={() => run.pause()}>
      Pause
    </Button>
  ) : (
    <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => void run.start()} disabled={state.phase === "finishing" || state.phase === "sent"}>
      {state.phase === "failed" ? "Try again" : "Go on"}
    </Button>
  );
  return (
    <Panel title={TITLES[state.phase]} actions={button}>
      <ProgressLine label="Upload" fraction={state.total ? state.sent / state.total : 1} secondsLeft={going ? state.secondsLeft : null}>
        <span className="num">
          {formatBytes(state.sent)} of {formatBytes(state.total)}
          {going && state.perSecond !== null && ` · ${formatBytes(state.perSecond)}/s`}
        </span>
      </ProgressLine>
      {state.message && (
        <Text size="sm" mt="xs" role="status" c={state.phase === "failed" ? "bad" : "dimmed"}>
          {state.message} {state.phase === "waiting" && "It tries again by itself."}
        </Text>
      )}
      <Text size="xs" c="dimmed" mt="xs">
        You may look at other pages meanwhile. If the tab closes, pick the same files again and the upload goes on where it stood.
      </Text>
    </Panel>
  );
}

const TITLES: Record<RunState["phase"], string> = {
  sending: "Uploading",
  waiting: "Waiting for the server",
  paused: "Paused",
  finishing: "Checking",
  sent: "Uploaded",
  failed: "Stopped",
};

function ResumePanel({ upload, onResume }: { upload: Upload; onResume: (files: readonly PickedFile[]) => void }) {
  const [check, setCheck] = useState<ResumeCheck | null>(null);
  const pick = (files: PickedFile[]) => {
    const next = checkResume(upload, files);
    setCheck(next);
    if (next.missing.length + next.changed.length === 0) onResume(next.found);
  };
  return (
    <Panel title="This upload is not finished" lead={`${Math.floor(receivedShare(upload) * 100)} % is on the server. Pick the same files again; only what is missing is sent.`}>
      <Stack gap="sm">
        <DropZone compact words="Drop the same files here" onPick={pick} />
        {check && (
          <Alert color="wait" variant="light" title="Not the same files">
            {check.missing.length > 0 && <div>Missing: {some(check.missing)}</div>}
            {check.changed.length > 0 && <div>Of another size than before: {some(check.changed)}</div>}
            {check.found.length > 0 && (
              <Button mt="xs" size="compact-sm" onClick={() => onResume(check.found)}>
                Send the {plural(check.found.length, "file")} that fit
              </Button>
            )}
          </Alert>
        )}
      </Stack>
    </Panel>
  );
}

function some(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).join(", ");
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}

function ImportingPanel({ upload }: { upload: Upload }) {
  return (
    <Panel title="Importing" lead="The files are read, checked and stored as OME-Zarr. You need not wait here.">
      <ProgressLine label="Import" fraction={upload.state === "RECEIVED" ? null : (upload.fraction ?? 0)}>
        {upload.message || (upload.state === "RECEIVED" ? "Waiting for a free worker" : "Reading and checking")}
      </ProgressLine>
    </Panel>
  );
}

function DonePanel({ project, upload }: { project: string; upload: Upload }) {
  const refused = upload.files.filter((file) => file.state === "REFUSED").length;
  const imported = upload.files.filter((file) => file.state === "IMPORTED").length;
  return (
    <Panel
      title={refused ? `Done, ${plural(refused, "file")} refused` : "Done"}
      lead={upload.message || `${plural(imported, "file")} imported.`}
      actions={
        <Group gap="xs">
          <ButtonLink to={addresses.dataset(project, upload.dataset)}>Look at the images</ButtonLink>
        </Group>
      }
    >
      {refused > 0 && (
        <Text size="sm" c="dimmed">
          The reason stands beside each file below. Everything else is in.
        </Text>
      )}
      <CameOf project={project} upload={upload.id} />
    </Panel>
  );
}

/** What a model does with the new images by itself, or why not. */
function CameOf({ project, upload }: { project: string; upload: string }) {
  const came = useQuery(uploadProposalQuery(upload)).data;
  return came ? <ProposedNote project={project} proposals={[came]} /> : null;
}
