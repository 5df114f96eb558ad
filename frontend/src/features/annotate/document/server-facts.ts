import type { Edit, Editor } from "@/editor";
import { newId } from "../saving/new-id";
import { readCellRecords } from "./cell-records";
import { readFacts } from "./labels";

/**
 * Says of these cells what the server says. Comes after their pixels: a cell goes only when nothing of it is left.
 * Where own edits that the server does not have yet speak of a cell's facts, it stays as they have it.
 */
export async function showFacts(editor: Pick<Editor, "facts" | "applyRemote">, branch: string, cells: readonly number[], unsent: () => readonly Edit[]): Promise<void> {
  const asked = [...new Set(cells)];
  if (asked.length === 0) return;
  const facts = await readFacts(branch, asked);
  const mine = new Set(unsent().flatMap((edit) => edit.cells.map(({ cell }) => cell)));
  const changes = asked.filter((cell) => !mine.has(cell)).map((cell) => ({ cell, before: editor.facts(cell), after: facts.get(cell) ?? null }));
  const edit: Edit = { id: newId(), tool: "theirs", pixels: [], cells: changes };
  editor.applyRemote({ kind: "edit", edit, number: 0 });
}

/** After an import, a restore or moves of whole tracks any cell may be another, and be in other frames. */
export async function showAllFacts(editor: Pick<Editor, "applyRemote">, branch: string, unsent: () => readonly Edit[]): Promise<void> {
  const cells = await readCellRecords(branch, undefined);
  editor.applyRemote({ kind: "facts", cells, pending: unsent() });
}
