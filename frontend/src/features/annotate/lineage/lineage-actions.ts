/** Keys and menus of the page reach the panel of tracks, where there is one. */
export type LineageAction = "lineage.toggle" | "place.next" | "place.previous" | "place.repair";

type Listener = (action: LineageAction) => void;

const ALL: readonly string[] = ["lineage.toggle", "place.next", "place.previous", "place.repair"] satisfies LineageAction[];
const listeners = new Set<Listener>();

export function hearLineageActions(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** False when the action is another's. */
export function runLineageAction(action: string): boolean {
  if (!ALL.includes(action)) return false;
  for (const listener of listeners) listener(action as LineageAction);
  return true;
}
