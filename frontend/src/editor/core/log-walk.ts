/**
 * Finds in a person's log of edits what can be undone and what can be redone. The log is read from its newest end: an
 * undo names the edit that it took back, a redo names the undo, so what is named by something newer has had its turn.
 */
import type { Edit } from "./edit";

export interface Steps {
  /** Newest first. */
  readonly done: readonly Edit[];
  /** The one undone last comes first. */
  readonly undone: readonly Edit[];
}

export class LogWalk {
  readonly #taken: Set<string>;
  #drawnSince: boolean;

  /** `known`: edits in hand already. `taken`: edits taken back here. `drawnSince`: a newer gesture ended all redoing. */
  constructor(private readonly known: ReadonlySet<string> = new Set(), taken: Iterable<string> = [], drawnSince = false) {
    this.#taken = new Set(taken);
    this.#drawnSince = drawnSince;
  }

  /** The next page of the log, newest first. */
  take(page: readonly Edit[]): Steps {
    const [done, undone]: Edit[][] = [[], []];
    for (const edit of page) {
      const stands = !this.#taken.has(edit.id);
      if (edit.undoes !== undefined) this.#taken.add(edit.undoes);
      else this.#drawnSince ||= true;
      if (!stands || this.known.has(edit.id)) continue;
      if (!isUndo(edit)) done.push(edit);
      else if (!this.#drawnSince) undone.push(edit);
    }
    return { done, undone };
  }
}

/** An undo waits to be redone; a redo, which names an undo, counts as done again. */
const isUndo = (edit: Edit): boolean => edit.undoes !== undefined && edit.tool === "undo";
