/**
 * Undo and redo over everything one person did: all tools, frames, facts. Other people's edits never enter, so
 * undo takes back mine and keeps yours. Only the newest steps are kept here; older ones are read from the server's log.
 */
import type { Edit } from "./edit";
import { LogWalk } from "./log-walk";
import type { Steps } from "./log-walk";

export class History {
  #done: Edit[];
  #undone: Edit[] = [];
  /** Edits taken back here, so that the log does not bring them again. */
  readonly #taken = new Set<string>();
  #drawn = false;

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
    this.#drawn = true;
  }

  /** The same edit as it was sent after a rebase. */
  replace(edit: Edit): void {
    for (const list of [this.#done, this.#undone]) {
      const i = list.findLastIndex((other) => other.id === edit.id);
      if (i >= 0) list[i] = edit;
    }
  }

  /** Edits that were given up: they are in nobody's labels, so there is nothing to take back. */
  forget(ids: ReadonlySet<string>): void {
    for (const { id, undoes } of this.#undone) if (undoes !== undefined && ids.has(id)) this.#taken.delete(undoes);
    this.#done = this.#done.filter((edit) => !ids.has(edit.id));
    this.#undone = this.#undone.filter((edit) => !ids.has(edit.id));
  }

  lastDone(): Edit | undefined {
    return this.#done.at(-1);
  }

  lastUndone(): Edit | undefined {
    return this.#undone.at(-1);
  }

  /** `undo` is what really took the last edit back; null when nothing was left to take back. */
  moveToUndone(undo: Edit | null): void {
    this.#take(this.#done.pop());
    if (undo) this.#undone.push(undo);
  }

  moveToDone(redo: Edit | null): void {
    this.#take(this.#undone.pop());
    if (redo) this.#done.push(redo);
  }

  #take(edit: Edit | undefined): void {
    if (edit) this.#taken.add(edit.id);
  }

  // ------------------------------------------------------------ the log

  /** Reads the log from its newest end, passing over what is here. */
  walk(): LogWalk {
    const here = [...this.#done, ...this.#undone];
    return new LogWalk(new Set(here.map((edit) => edit.id)), this.#taken, this.#drawn);
  }

  /** Own edits of an earlier visit that the server does not have yet, oldest first. */
  adopt(unsent: readonly Edit[]): void {
    this.feed(this.walk().take(unsent.toReversed()));
    for (const { undoes } of unsent) {
      if (undoes === undefined) this.#drawn = true;
      else this.#taken.add(undoes);
    }
  }

  /** Older steps go below what is here. */
  feed({ done, undone }: Steps): void {
    this.#done = [...done.toReversed(), ...this.#done];
    if (!this.#drawn) this.#undone = [...undone.toReversed(), ...this.#undone];
  }

  /** Keeps the newest steps only; the others can be read again. */
  trim(most: number): void {
    this.#done = this.#done.slice(Math.max(0, this.#done.length - most));
  }
}
