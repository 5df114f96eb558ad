/** What the phone keeps of one campaign between visits: the worker's key, answers that wait, kinds that were explained. */
import { KINDS, type Kind, type Value } from "@/microtasks/types";

export interface Waiting {
  readonly item: string;
  readonly value: Value;
  readonly seconds: number;
}

export interface Kept {
  readonly secret: string | null;
  readonly waiting: readonly Waiting[];
  readonly explained: readonly Kind[];
}

export interface Memory {
  read(): Kept;
  write(kept: Kept): void;
}

export const NOTHING_KEPT: Kept = { secret: null, waiting: [], explained: [] };

/** In local storage; where the browser refuses it, in this tab alone. */
export function memoryOf(token: string, storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null): Memory {
  const key = `cytoloop-crowd-${token}`;
  let here = NOTHING_KEPT;
  try {
    here = parsed(storage?.getItem(key) ?? null);
  } catch {
    storage = null;
  }
  return {
    read: () => here,
    write(kept) {
      here = kept;
      try {
        if (kept.secret === null) storage?.removeItem(key);
        else storage?.setItem(key, JSON.stringify(kept));
      } catch {
        // Full or forbidden: this tab still knows.
      }
    },
  };
}

function parsed(text: string | null): Kept {
  if (text === null) return NOTHING_KEPT;
  try {
    const kept = JSON.parse(text) as Partial<Kept>;
    return {
      secret: typeof kept.secret === "string" ? kept.secret : null,
      waiting: Array.isArray(kept.waiting) ? kept.waiting : [],
      explained: KINDS.filter((kind) => kept.explained?.includes(kind)),
    };
  } catch {
    return NOTHING_KEPT;
  }
}
