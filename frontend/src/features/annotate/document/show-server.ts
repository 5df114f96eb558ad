import type { Edit, Editor } from "@/editor";
import { readFacts, readFrame } from "./labels";

interface ShowOptions {
  readonly editor: Editor;
  readonly branch: string;
  /** Frames that the editor has read, as "t/z". */
  readonly visited: ReadonlySet<string>;
}

/** Shows the server's state again after the `given` edits were given up, with own unsent edits on top. */
export async function showServer({ editor, branch, visited }: ShowOptions, given: readonly Edit[], unsent: readonly Edit[]): Promise<void> {
  for (const place of placesOf(given, visited)) {
    const [t = 0, z = 0] = place.split("/").map(Number);
    const frame = await readFrame(branch, undefined, { t, z });
    editor.applyRemote({ kind: "frame", t, z, frame, complete: true, pending: unsent });
  }
  await showFacts(editor, branch, given);
}

const placesOf = (edits: readonly Edit[], visited: ReadonlySet<string>): string[] =>
  [...new Set(edits.flatMap((edit) => edit.pixels.map(({ t, z }) => `${t}/${z}`)))].filter((place) => visited.has(place));

/** After the pixels: a cell that is gone may only go when nothing of it is left. */
async function showFacts(editor: Editor, branch: string, given: readonly Edit[]): Promise<void> {
  const cells = [...new Set(given.flatMap((edit) => [...edit.cells, ...edit.pixels].map(({ cell }) => cell)))];
  if (cells.length === 0) return;
  const facts = await readFacts(branch, cells);
  const changes = cells.map((cell) => ({ cell, before: editor.facts(cell), after: facts.get(cell) ?? null }));
  const edit: Edit = { id: crypto.randomUUID?.() ?? "facts", tool: "theirs", pixels: [], cells: changes };
  editor.applyRemote({ kind: "edit", edit, number: 0 });
}
