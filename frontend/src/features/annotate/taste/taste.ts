import type { OverlayView, ToolOptions } from "@/editor";

/** A person's taste: how they like to see and draw. Kept in this browser, never on the server. */
export interface Taste {
  readonly tools: Partial<ToolOptions>;
  readonly overlay: Partial<OverlayView>;
  readonly sideTab: string;
  readonly sideOpen: boolean;
  readonly framesPerSecond: number;
}

export const PLAIN_TASTE: Taste = {
  tools: {},
  overlay: { fillOpacity: 0.2 },
  sideTab: "cells",
  sideOpen: true,
  framesPerSecond: 8,
};

const KEY = "cytoloop.taste";

export interface TasteStore {
  get(): Taste;
  set(change: Partial<Taste>): void;
  subscribe(listener: () => void): () => void;
}

/** One small store; a browser that forbids storage simply forgets at the end of the visit. */
export function openTaste(storage: Pick<Storage, "getItem" | "setItem">): TasteStore {
  let taste = read(storage);
  const listeners = new Set<() => void>();
  return {
    get: () => taste,
    set(change) {
      taste = { ...taste, ...change };
      write(storage, taste);
      listeners.forEach((listener) => listener());
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function read(storage: Pick<Storage, "getItem">): Taste {
  try {
    return sensible(JSON.parse(storage.getItem(KEY) ?? "{}"));
  } catch {
    return PLAIN_TASTE;
  }
}

function write(storage: Pick<Storage, "setItem">, taste: Taste): void {
  try {
    storage.setItem(KEY, JSON.stringify(taste));
  } catch {
    // Storage is full or forbidden: taste lasts until the page is closed.
  }
}

/** Takes from what was stored only what still has the right kind, so that an older or foreign record does no harm. */
function sensible(stored: unknown): Taste {
  if (typeof stored !== "object" || stored === null) return PLAIN_TASTE;
  const known = Object.entries(stored).filter(
    ([key, value]) => key in PLAIN_TASTE && typeof value === typeof PLAIN_TASTE[key as keyof Taste],
  );
  return { ...PLAIN_TASTE, ...(Object.fromEntries(known) as Partial<Taste>) };
}
