import type { Editor } from "@/editor";
import { catchUp } from "../document/catch-up";
import { sendBatch } from "../document/labels";
import { adoptPiles, claimNew } from "./adopt-piles";
import { createAutosave, type Autosave, type AutosaveDoors } from "./autosave";
import { newId } from "./new-id";
import { emptyPile, isSettled, type Pile } from "./pile";
import { openPileStore } from "./pile-store";

const store = openPileStore();

export interface AutosaveParts {
  readonly editor: Editor;
  readonly branch: string;
  readonly head: number;
  readonly visited: ReadonlySet<string>;
}

/**
 * Sends first what an earlier visit left behind, before the labels are read, so that the picture already contains it.
 * What still cannot be sent (no network, a collision) becomes the beginning of this visit's pile.
 */
export async function sendLeftovers(branch: string): Promise<Pile | null> {
  for (const pile of await adoptPiles(store, branch)) {
    const autosave = createAutosave(pile, { ...doorsOf(branch), catchUp: () => Promise.reject(new Error("No picture is open.")) });
    await autosave.flush();
    autosave.stop();
    if (!isSettled(autosave.pile())) return autosave.pile();
  }
  return null;
}

export function openAutosave(parts: AutosaveParts, leftover: Pile | null): Autosave {
  const mine = new Set<string>();
  const id = newId();
  const doors: AutosaveDoors = {
    ...doorsOf(parts.branch),
    catchUp: (base, unsent) => catchUp({ ...parts, isMine: (edit) => mine.has(edit) }, base, unsent),
  };
  if (!leftover) void claimNew(id);
  const autosave = createAutosave(leftover ?? emptyPile(id, parts.branch, parts.head), doors);
  return {
    ...autosave,
    push(edit) {
      mine.add(edit.id);
      autosave.push(edit);
    },
  };
}

function doorsOf(branch: string): Pick<AutosaveDoors, "send" | "remember" | "newId" | "now"> {
  return {
    send: (batch, how) => sendBatch(branch, batch, how),
    remember: (pile) => (isSettled(pile) ? store.remove(pile.id) : store.put(pile)).catch(() => undefined),
    newId,
    now: () => Date.now(),
  };
}
