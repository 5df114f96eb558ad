import type { EventName } from "./keys";

export type Listener = (name: EventName, data: Readonly<Record<string, unknown>>) => void;

const listeners = new Set<Listener>();

/** Hears every event of the open project as it comes, with what it carries. Answers how to stop hearing. */
export function hearNews(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function tellNews(name: EventName, data: unknown): void {
  if (typeof data !== "object" || data === null) return;
  for (const listener of listeners) listener(name, data as Record<string, unknown>);
}
