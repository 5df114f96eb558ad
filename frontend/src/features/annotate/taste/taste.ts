import type { Habits, KeysByAction, OverlayView, ToolOptions } from "@/editor";

/** A preset, and the keys that the person changed in it. */
export interface KeysTaste {
  readonly preset: string;
  readonly own: KeysByAction;
}

/** The panel of tracks: whether it is open, how high, and which list stands beside the tree. */
export interface LineageTaste {
  readonly open: boolean;
  readonly height_px: number;
  readonly list: string;
}

/** A person's taste: how they like to see and draw. Kept in this browser, never on the server. */
export interface Taste {
  readonly tools: Partial<ToolOptions>;
  readonly overlay: Partial<OverlayView>;
  readonly sideTab: string;
  readonly sideOpen: boolean;
  readonly framesPerSecond: number;
  readonly lineage: LineageTaste;
  readonly keys: KeysTaste;
  /** What the person changed of the preset's habits. */
  readonly habits: Partial<Habits>;
}

export const PLAIN_TASTE: Taste = {
  tools: {},
  overlay: { fillOpacity: 0.2 },
  sideTab: "cells",
  sideOpen: true,
  framesPerSecond: 8,
  lineage: { open: false, height_px: 260, list: "repairs" },
  keys: { preset: "cytoloop", own: {} },
  habits: {},
};

/** Of the time when a browser kept one taste for all its people: where a person has none yet, it begins with that. */
const SHARED_KEY = "cytoloop.taste";

export interface TasteStore {
  get(): Taste;
  set(change: Partial<Taste>): void;
  subscribe(listener: () => void): () => void;
}

/** One small store a person; a browser that forbids storage simply forgets at the end of the visit. */
export function openTaste(storage: Pick<Storage, "getItem" | "setItem">, person: string): TasteStore {
  const key = `${SHARED_KEY}.${person}`;
  let taste = read(storage, key);
  const listeners = new Set<() => void>();
  return {
    get: () => taste,
    set(change) {
      taste = { ...taste, ...change };
      write(storage, key, taste);
      listeners.forEach((listener) => listener());
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function read(storage: Pick<Storage, "getItem">, key: string): Taste {
  try {
    return sensible(JSON.parse(storage.getItem(key) ?? storage.getItem(SHARED_KEY) ?? "{}"));
  } catch {
    return PLAIN_TASTE;
  }
}

function write(storage: Pick<Storage, "setItem">, key: string, taste: Taste): void {
  try {
    storage.setItem(key, JSON.stringify(taste));
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
  const taste = { ...PLAIN_TASTE, ...(Object.fromEntries(known) as Partial<Taste>) };
  return { ...taste, keys: sensibleKeys(taste.keys), lineage: sensibleLineage(taste.lineage) };
}

function sensibleLineage(stored: unknown): LineageTaste {
  const { open, height_px, list } = (stored ?? {}) as Partial<Record<keyof LineageTaste, unknown>>;
  return {
    open: open === true,
    height_px: typeof height_px === "number" && height_px > 0 ? height_px : PLAIN_TASTE.lineage.height_px,
    list: list === "alerts" || list === "links" || list === "none" ? list : "repairs",
  };
}

/** Keys that cannot be read would leave a person without keys. */
function sensibleKeys(stored: unknown): KeysTaste {
  const { preset, own } = (stored ?? {}) as Partial<Record<keyof KeysTaste, unknown>>;
  const isList = (value: unknown): value is string[] => Array.isArray(value) && value.every((key) => typeof key === "string");
  const entries = typeof own === "object" && own !== null ? Object.entries(own).filter((entry): entry is [string, string[]] => isList(entry[1])) : [];
  return { preset: typeof preset === "string" ? preset : PLAIN_TASTE.keys.preset, own: Object.fromEntries(entries) };
}
