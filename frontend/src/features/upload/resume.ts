import type { PickedFile } from "./picked-file";
import type { Upload } from "./queries";

export interface ResumeCheck {
  /** Files picked again that the upload still waits for. */
  found: PickedFile[];
  /** Announced, not complete, and not among the picked. */
  missing: string[];
  /** Picked under an announced name but with another size: not the same file. */
  changed: string[];
}

/** Compares what was picked again with what an unfinished upload still waits for. */
export function checkResume(upload: Upload, picked: readonly PickedFile[]): ResumeCheck {
  const byPath = new Map(picked.map((file) => [file.path, file]));
  const check: ResumeCheck = { found: [], missing: [], changed: [] };
  for (const file of upload.files) {
    if (file.state !== "PENDING") continue;
    const again = byPath.get(file.path);
    if (!again) check.missing.push(file.path);
    else if (again.file.size !== file.size) check.changed.push(file.path);
    else check.found.push(again);
  }
  return check;
}

/** How much of an upload is on the server, 0 … 1. */
export function receivedShare(upload: Upload): number {
  const taken = upload.files.filter((file) => file.state !== "REFUSED");
  const total = taken.reduce((sum, file) => sum + file.size, 0);
  return total ? taken.reduce((sum, file) => sum + (file.received ?? 0), 0) / total : 0;
}
