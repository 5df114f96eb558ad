import { useSyncExternalStore } from "react";
import { wireOf, type Upload } from "./queries";
import type { PickedFile } from "./picked-file";
import { UploadRun, type RunState } from "./upload-run";

/** Uploads under way in this tab; they go on while other pages are looked at. */
const runs = new Map<string, UploadRun>();

export function startRun(upload: Upload, picked: readonly PickedFile[]): UploadRun {
  const bytes = new Map(picked.map(({ path, file }) => [path, file]));
  const files = upload.files.filter((file) => file.state !== "REFUSED").map((file) => ({ ...file, received: file.received ?? 0 }));
  const run = new UploadRun(files, bytes, { wire: wireOf(upload.id), chunkBytes: upload.chunk_bytes });
  runs.set(upload.id, run);
  warnBeforeLeaving();
  void run.start();
  return run;
}

export const runOf = (upload: string | undefined): UploadRun | undefined => (upload ? runs.get(upload) : undefined);

/** The state of a run, or null when this tab does not send that upload. */
export function useRunState(run: UploadRun | undefined): RunState | null {
  return useSyncExternalStore(run ? run.subscribe : nothing, () => run?.state() ?? null);
}

const nothing = () => () => undefined;

let warned = false;

function warnBeforeLeaving(): void {
  if (warned) return;
  warned = true;
  window.addEventListener("beforeunload", (event) => {
    if ([...runs.values()].some((run) => ["sending", "waiting", "finishing"].includes(run.state().phase))) event.preventDefault();
  });
}
