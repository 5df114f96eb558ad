import type { Edit, Editor } from "@/editor";
import { readRevisions } from "../queries";
import { readEditsAfter, readFrame } from "./labels";
import type { LoggedEdit } from "./labels";

interface Seen {
  readonly number: number;
  readonly unsent: readonly Edit[];
}

export interface CatchUpOptions {
  readonly editor: Pick<Editor, "state" | "applyRemote">;
  readonly branch: string;
  /** Frames that the editor has read, as "t/z". */
  readonly visited: ReadonlySet<string>;
  /** Edits that were drawn here: their facts are known already. */
  readonly isMine: (edit: string) => boolean;
}

/** Brings others' revisions after `base` into the picture, under the edits that the server does not have yet. */
export async function catchUp(options: CatchUpOptions, base: number, unsent: readonly Edit[]): Promise<Seen> {
  const [log, revisions] = await Promise.all([readEditsAfter(options.branch, base), readRevisions(options.branch, 0)]);
  const whole = revisions.results.some((revision) => revision.number > base && revision.kind !== "EDIT");
  layFacts(options, log);
  let seen: Seen = { number: base, unsent };
  for (const place of staleFrames(options, log, whole)) seen = await refreshFrame(options, place, base, seen);
  return seen;
}


/** The frame on the screen first. An import or a restore may have changed any frame; edits say which. */
function staleFrames({ editor, visited }: CatchUpOptions, log: readonly LoggedEdit[], whole: boolean): string[] {
  const { t, z } = editor.state();
  const touched = log.flatMap(({ edit }) => edit.pixels.map((change) => `${change.t}/${change.z}`));
  const stale = whole ? [...visited] : touched.filter((place) => visited.has(place));
  return [...new Set([`${t}/${z}`, ...stale])];
}

async function refreshFrame({ editor, branch }: CatchUpOptions, place: string, since: number, seen: Seen): Promise<Seen> {
  const [t = 0, z = 0] = place.split("/").map(Number);
  const frame = await readFrame(branch, undefined, { t, z, since });
  const unsent = editor.applyRemote({ kind: "frame", t, z, frame, complete: false, pending: seen.unsent });
  return { number: Math.max(seen.number, frame.head), unsent };
}

function layFacts({ editor, isMine }: CatchUpOptions, log: readonly LoggedEdit[]): void {
  for (const { edit, number } of log) {
    if (edit.cells.length === 0 || isMine(edit.id)) continue;
    editor.applyRemote({ kind: "edit", edit: { ...edit, pixels: [] }, number });
  }
}
