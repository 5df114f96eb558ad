/** A note that a reviewer has pinned but not yet sent with the verdict. */
export interface DraftNote {
  readonly key: number;
  readonly t: number;
  readonly z: number;
  readonly y: number;
  readonly x: number;
  readonly cell: number | null;
  readonly text: string;
}

export interface Draft {
  readonly notes: readonly DraftNote[];
  readonly comment: string;
}

export const EMPTY_DRAFT: Draft = { notes: [], comment: "" };

/** Names the revision that was looked at, so that nothing else is judged; empty notes say nothing and are not sent. */
export function reviewBody(verdict: "ACCEPTED" | "RETURNED" | "REQUEUED", draft: Draft, number?: number) {
  const notes = draft.notes
    .filter((note) => note.text.trim() !== "")
    .map(({ t, z, y, x, cell, text }) => ({ t, z, y, x, cell, text: text.trim() }));
  return { verdict, comment: draft.comment.trim(), notes, number };
}

/** Returning without a word helps nobody. */
export function mayReturn(draft: Draft): boolean {
  const { comment, notes } = reviewBody("RETURNED", draft);
  return comment !== "" || notes.length > 0;
}
