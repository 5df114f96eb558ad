import type { Pile } from "./pile";

/**
 * What a page had not sent when it went away. The browser's database writes behind the page's back, and what it has
 * not finished when the page goes is gone; this is written before the next statement runs.
 */
export interface LastWords {
  keep(pile: Pile): void;
  has(id: string): boolean;
  /** The database has this pile now: its words are over, unless newer ones have come. */
  written(pile: Pile): void;
  remove(id: string): void;
  all(branch: string): Pile[];
}

const PREFIX = "cytoloop-unsent-";

/** `storage`: null where the browser allows none. */
export function openLastWords(storage: Storage | null): LastWords {
  const newest = new Map<string, Pile>();
  const remove = (id: string) => {
    newest.delete(id);
    storage?.removeItem(PREFIX + id);
  };
  const keys = () => Array.from({ length: storage?.length ?? 0 }, (_, at) => storage?.key(at) ?? "").filter((key) => key.startsWith(PREFIX));
  return {
    keep(pile) {
      newest.set(pile.id, pile);
      try {
        storage?.setItem(PREFIX + pile.id, JSON.stringify(pile));
      } catch {
        remove(pile.id); // no room: the database's copy counts, not an older one of these
      }
    },
    has: (id) => storage !== null && Object.hasOwn(storage, PREFIX + id),
    written: (pile) => {
      if (newest.get(pile.id) === pile) remove(pile.id);
    },
    remove,
    all: (branch) => keys().flatMap((key) => read(storage?.getItem(key) ?? null)).filter((pile) => pile.branch === branch),
  };
}

function read(text: string | null): Pile[] {
  try {
    return text === null ? [] : [JSON.parse(text) as Pile];
  } catch {
    return []; // not ours
  }
}
