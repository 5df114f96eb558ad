/**
 * Undo and redo over everything one person did here: all tools, frames, facts. Other people's edits never enter, so
 * undo takes back mine and keeps yours.
 */
import type { Edit } from "./edit";

export class History {
  readonly #done: Edit[];
  readonly #undone: Edit[] = [];

  constructor(done: readonly Edit[] = []) {
    this.#done = [...done];
  }

  get undoCount(): number {
    return this.#done.length;
  }

  get redoCount(): number {
    return this.#undone.length;
  }

  /** A new edit of one's own: what was undone before can no longer be redone. */
  push(edit: Edit): void {
    this.#done.push(edit);
    this.#undone.length = 0;
  }

  /** The same edit as it was sent after a rebase. */
  replace(edit: Edit): void {
    for (const list of [this.#done, this.#undone]) {
      const i = list.findLastIndex((other) => other.id === edit.id);
      if (i >= 0) list[i] = edit;
    }
  }

  lastDone(): Edit | undefined {
    return this.#done.at(-1);
  }

  lastUndone(): Edit | undefined {
    return this.#undone.at(-1);
  }

  /** `undo` is what really took the last edit back; null when nothing was left to take back. */
  moveToUndone(undo: Edit | null): void {
    this.#done.pop();
    if (undo) this.#undone.push(undo);
  }

  moveToDone(redo: Edit | null): void {
    this.#undone.pop();
    if (redo) this.#done.push(redo);
  }
}
