import type { Edit, Editor } from "@/editor";
import { cellsOf } from "../saving/pile";
import { readFrame } from "./labels";
import { showAllFacts, showFacts } from "./server-facts";

export interface ShowOptions {
  readonly editor: Pick<Editor, "facts" | "applyRemote">;
  readonly branch: string;
  /** Frames that the editor has read, as "t/z". */
  readonly visited: ReadonlySet<string>;
  /** Own edits that the server does not have yet, as of now. */
  readonly unsent: () => readonly Edit[];
}

/** Shows the server's state again where the `given` edits were given up, with own unsent edits on top. */
export async function showServer({ editor, branch, visited, unsent }: ShowOptions, given: readonly Edit[]): Promise<void> {
  for (const place of placesOf(given, visited)) {
    const [t = 0, z = 0] = place.split("/").map(Number);
    const frame = await readFrame(branch, undefined, { t, z });
    editor.applyRemote({ kind: "frame", t, z, frame, complete: true, pending: unsent() });
  }
  if (given.some((edit) => edit.moves)) await showAllFacts(editor, branch, unsent);
  else await showFacts(editor, branch, [...cellsOf(given)], unsent);
}

const placesOf = (edits: readonly Edit[], visited: ReadonlySet<string>): string[] =>
  [...new Set([...edits.flatMap((edit) => edit.pixels.map(({ t, z }) => `${t}/${z}`)), ...[...visited].filter((place) => edits.some((edit) => reaches(edit, place)))])].filter((place) => visited.has(place));

/** The edit draws in this frame or moves cells of it. */
export function reaches(edit: Edit, place: string): boolean {
  const [t = 0, z = 0] = place.split("/").map(Number);
  return edit.pixels.some((change) => change.t === t && change.z === z) || (edit.moves ?? []).some(({ first, last }) => first <= t && t <= last);
}
