import { NO_FACTS, type Edit, type Editor } from "@/editor";
import { readCells, readRevisions } from "../queries";
import { readEditsAfter, readFrame } from "./labels";
import type { LoggedEdit } from "./labels";
import { showFacts } from "./server-facts";

interface Seen {
  readonly number: number;
  readonly unsent: readonly Edit[];
}

export interface CatchUpOptions {
  readonly editor: Pick<Editor, "state" | "facts" | "applyRemote">;
  readonly branch: string;
  /** Frames that the editor has read, as "t/z". */
  readonly visited: ReadonlySet<string>;
  /** Own edits that the server does not have yet, as of now: people draw on while answers are on their way. */
  readonly unsent: () => readonly Edit[];
}

/** Brings others' revisions after `base` into the picture, under the edits that the server does not have yet. */
export async function catchUp(options: CatchUpOptions, base: number, unsent: readonly Edit[]): Promise<Seen> {
  const [log, revisions] = await Promise.all([readEditsAfter(options.branch, base), readRevisions(options.branch, 0)]);
  const whole = revisions.results.some((revision) => revision.number > base && revision.kind !== "EDIT");
  const atStart = new Set(unsent.map((edit) => edit.id));
  const drawnSince = () => options.unsent().filter((edit) => !atStart.has(edit.id));
  let seen: Seen = { number: base, unsent };
  for (const place of staleFrames(options, log, whole)) seen = await refreshFrame(options, place, base, seen, drawnSince);
  if (whole) await readAllFacts(options);
  else await showFacts(options.editor, options.branch, log.flatMap(({ edit }) => edit.cells.map(({ cell }) => cell)), options.unsent);
  const rebased = new Map(seen.unsent.map((edit) => [edit.id, edit]));
  return { number: seen.number, unsent: [...seen.unsent, ...drawnSince().filter((edit) => !rebased.has(edit.id))] };
}

/** The frame on the screen first. An import or a restore may have changed any frame; edits say which. */
function staleFrames({ editor, visited }: CatchUpOptions, log: readonly LoggedEdit[], whole: boolean): string[] {
  const { t, z } = editor.state();
  const touched = log.flatMap(({ edit }) => edit.pixels.map((change) => `${change.t}/${change.z}`));
  const stale = whole ? [...visited] : touched.filter((place) => visited.has(place));
  return [...new Set([`${t}/${z}`, ...stale])];
}

async function refreshFrame({ editor, branch }: CatchUpOptions, place: string, since: number, seen: Seen, drawnSince: () => readonly Edit[]): Promise<Seen> {
  const [t = 0, z = 0] = place.split("/").map(Number);
  const frame = await readFrame(branch, undefined, { t, z, since });
  const known = new Set(seen.unsent.map((edit) => edit.id));
  const pending = [...seen.unsent, ...drawnSince().filter((edit) => !known.has(edit.id))];
  const unsent = editor.applyRemote({ kind: "frame", t, z, frame, complete: false, pending });
  return { number: Math.max(seen.number, frame.head), unsent };
}

/** After an import or a restore any cell may be another. */
async function readAllFacts({ editor, branch, unsent }: CatchUpOptions): Promise<void> {
  const cells = (await readCells(branch, undefined)).map(({ cell, facts, first_t, last_t }) => ({
    cell, facts: { ...NO_FACTS, ...facts }, first_t: first_t ?? undefined, last_t: last_t ?? undefined,
  }));
  editor.applyRemote({ kind: "facts", cells, pending: unsent() });
}
