import type { Editor } from "@/editor";
import { catchUp } from "../document/catch-up";
import { showServer } from "../document/show-server";
import { sendBatch } from "../document/labels";
import { adoptPiles, claimNew } from "./adopt-piles";
import { createAutosave, type Autosave, type AutosaveDoors } from "./autosave";
import { openLastWords } from "./last-words";
import { newId } from "./new-id";
import { emptyPile, isSettled, merge, unsentEdits, type Pile } from "./pile";
import { openPileStore } from "./pile-store";

const store = openPileStore(openLastWords(ownStorage()));

export interface AutosaveParts {
  readonly editor: Editor;
  readonly branch: string;
  /** Who draws. */
  readonly author: string;
  readonly head: number;
  readonly visited: ReadonlySet<string>;
}

/**
 * Sends first what an earlier visit left behind, before the labels are read, so that the picture already contains it.
 * What still cannot be sent (no network, a collision) becomes the beginning of this visit's pile.
 */
export async function sendLeftovers(branch: string, author: string): Promise<Leftovers> {
  const piles = await adoptPiles(store, branch, author).catch(() => []);
  const left: Pile[] = [];
  for (const pile of piles) {
    const autosave = createAutosave(pile, { ...doorsOf(branch), ...NO_PICTURE });
    await autosave.flush();
    autosave.stop();
    if (!isSettled(autosave.pile())) left.push(autosave.pile());
  }
  return { sent: piles.length > 0, pile: left.length > 0 ? await onePile(left) : null };
}

async function onePile(piles: readonly Pile[]): Promise<Pile> {
  const whole = piles.reduce((one, next) => merge(one, next, newId));
  if (piles.length > 1) await store.put(whole);
  for (const pile of piles) if (pile.id !== whole.id) await store.remove(pile.id);
  return whole;
}

export interface Leftovers {
  /** The branch has moved by it, perhaps. */
  readonly sent: boolean;
  readonly pile: Pile | null;
}

export const NO_LEFTOVERS: Leftovers = { sent: false, pile: null };

/** Before a document is open there is nothing to lay others' work into: the labels are read afterwards anyway. */
const NO_PICTURE: Pick<AutosaveDoors, "catchUp" | "lay" | "letGo" | "landed"> = {
  landed: () => undefined,
  catchUp: (base, unsent) => Promise.resolve({ number: base, unsent }),
  lay: () => undefined,
  letGo: () => Promise.resolve(),
};

export function openAutosave(parts: AutosaveParts, leftover: Pile | null): Autosave {
  const { editor } = parts;
  const mine = new Set(leftover ? unsentEdits(leftover).map((edit) => edit.id) : []);
  const id = newId();
  const doors: AutosaveDoors = {
    ...doorsOf(parts.branch),
    catchUp: (base, unsent, landed) => catchUp({ ...parts, unsent: () => unsentEdits(autosave.pile()) }, base, unsent, landed),
    lay: (edits, number) => edits.filter((edit) => !mine.has(edit.id)).forEach((edit) => editor.applyRemote({ kind: "edit", edit, number })),
    landed: (edits, number) => editor.landed(edits, number),
    letGo: (edits) => {
      editor.forget(edits);
      return showServer({ ...parts, unsent: () => unsentEdits(autosave.pile()) }, edits);
    },
  };
  if (!leftover) void claimNew(id);
  const autosave: Autosave = createAutosave(leftover ?? emptyPile(id, parts.branch, parts.head, parts.author), doors);
  return {
    ...autosave,
    push(edit) {
      mine.add(edit.id);
      autosave.push(edit);
    },
  };
}

function doorsOf(branch: string): Pick<AutosaveDoors, "send" | "remember" | "rememberNow" | "newId" | "now"> {
  return {
    send: (batch, how) => sendBatch(branch, batch, how),
    remember: (pile) => (isSettled(pile) ? store.remove(pile.id) : store.put(pile)).catch(notKept),
    rememberNow: (pile) => void store.putNow(pile).catch(notKept),
    newId,
    now: () => Date.now(),
  };
}

const notKept = (error: unknown): void => console.error("Unsent edits could not be kept in this browser.", error);

/** Null where the browser forbids it. */
function ownStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
