import type { Pile } from "./pile";
import { isSettled } from "./pile";
import type { PileStore } from "./pile-store";

/**
 * Takes this tab's lock on a pile and holds it until the tab goes away. A pile whose lock is free belongs to a tab
 * that was closed or has crashed; one whose lock is taken is being sent by its own tab.
 */
function claim(id: string): Promise<boolean> {
  // Pages served over plain HTTP from another machine have no locks; a repeated batch is harmless there too.
  if (!("locks" in navigator)) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`cytoloop-pile-${id}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise<void>(() => undefined);
    });
  });
}

/** This person's piles of this branch that nobody is sending, oldest base first; settled ones are cleared away. */
export async function adoptPiles(store: PileStore, branch: string, author: string): Promise<Pile[]> {
  const orphans: Pile[] = [];
  for (const pile of await store.all(branch)) {
    if (pile.author !== undefined && pile.author !== author) continue;
    if (isSettled(pile)) await store.remove(pile.id);
    else if (await claim(pile.id)) orphans.push(pile);
  }
  return orphans.sort((a, b) => a.base - b.base);
}

export async function claimNew(id: string): Promise<void> {
  await claim(id);
}
