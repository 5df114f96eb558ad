import type { Edit, Editor } from "@/editor";
import { readRevisions } from "../queries";
import { followNames } from "./follow-names";
import { readEditsAfter, readFrame } from "./labels";
import type { LoggedEdit } from "./labels";
import { showAllFacts, showFacts } from "./server-facts";
import { reaches } from "./show-server";

interface Seen {
  readonly number: number;
  /** The unsent edits are as they were drawn, on their older base. */
  readonly keepsBase: boolean;
  readonly unsent: readonly Edit[];
}

type Unsent = readonly Edit[];

export interface CatchUpOptions {
  readonly editor: Pick<Editor, "state" | "facts" | "framesOf" | "applyRemote" | "landed">;
  readonly branch: string;
  /** Frames that the editor has read, as "t/z". */
  readonly visited: ReadonlySet<string>;
  /** Own edits that the server does not have yet, as of now: people draw on while answers are on their way. */
  readonly unsent: () => readonly Edit[];
}

/** Brings others' revisions after `base` into the picture, under the edits that the server does not have yet. */
export async function catchUp(options: CatchUpOptions, base: number, unsent: readonly Edit[], landed: readonly Edit[]): Promise<Seen> {
  const [log, revisions] = await Promise.all([readEditsAfter(options.branch, base), readRevisions(options.branch, 0)]);
  const bulk = revisions.results.filter((revision) => revision.number > base && revision.kind !== "EDIT").map((revision) => revision.number);
  const whole = bulk.length > 0;
  // Frames may come with still newer work in them, of which the log said nothing: that is taken in next time.
  const number = Math.max(base, log.at(-1)?.number ?? 0, ...bulk);
  const drawnSince = newcomers(options.unsent, unsent);
  // Whoever moved tracks renamed what is drawn and where cells are: own edits then keep their base, and the server has them follow.
  const own = new Set(landed.map((edit) => edit.id));
  const moved = log.some(({ edit }) => edit.moves?.length);
  const keepsBase = moved && !log.some(({ edit }) => own.has(edit.id));
  // With own edits among them the base moves up, and what waits is put into the names that hold now.
  const bornAt = (cell: number): number | undefined => options.editor.framesOf(cell)[0];
  let rebased: Unsent = moved && !keepsBase ? followNames(unsent, landed, log.map(({ edit }) => edit), bornAt) : unsent;
  for (const { edit, number: at } of moved ? log : []) if (own.has(edit.id)) options.editor.landed([edit], at, true);
  for (const place of staleFrames(options, log, whole)) rebased = await refreshFrame(options, place, base, rebased, drawnSince);
  const known = new Map(rebased.map((edit) => [edit.id, edit]));
  const pending = (): Unsent => (keepsBase ? options.unsent() : options.unsent().map((edit) => known.get(edit.id) ?? edit));
  if (whole || moved) await showAllFacts(options.editor, options.branch, pending);
  else await showFacts(options.editor, options.branch, cellsChanged([...log.map(({ edit }) => edit), ...landed]), options.unsent);
  return { number, unsent: [...(keepsBase ? unsent : rebased), ...drawnSince()], keepsBase };
}

/** Answers, each time it is asked, the edits that have come since. */
function newcomers(edits: () => Unsent, first: Unsent): () => Unsent {
  const known = new Set(first.map((edit) => edit.id));
  return () => {
    const fresh = edits().filter((edit) => !known.has(edit.id));
    fresh.forEach((edit) => known.add(edit.id));
    return fresh;
  };
}

const cellsChanged = (edits: readonly Edit[]): number[] => edits.flatMap((edit) => edit.cells.map(({ cell }) => cell));

/** The frame on the screen first. An import or a restore may have changed any frame; edits say which. */
function staleFrames({ editor, visited }: CatchUpOptions, log: readonly LoggedEdit[], whole: boolean): string[] {
  const { t, z } = editor.state();
  const drawn = log.flatMap(({ edit }) => edit.pixels.map((change) => `${change.t}/${change.z}`));
  const moved = [...visited].filter((place) => log.some(({ edit }) => edit.moves && reaches(edit, place)));
  const stale = whole ? [...visited] : [...drawn.filter((place) => visited.has(place)), ...moved];
  return [...new Set([`${t}/${z}`, ...stale])];
}

async function refreshFrame({ editor, branch }: CatchUpOptions, place: string, since: number, unsent: Unsent, drawnSince: () => Unsent): Promise<Unsent> {
  const [t = 0, z = 0] = place.split("/").map(Number);
  const frame = await readFrame(branch, undefined, { t, z, since });
  return editor.applyRemote({ kind: "frame", t, z, frame, complete: false, pending: [...unsent, ...drawnSince()] });
}
