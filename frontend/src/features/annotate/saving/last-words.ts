import type { Pile } from "./pile";

/**
 * What a page had not sent when it went away. The browser's database writes behind the page's back, and what it has
 * not finished when the page goes is gone; this is written before the next statement runs.
 */
export interface LastWords {
  /** Written from now on at every change of the pile, until it is settled. */
  keep(pile: Pile): void;
  has(id: string): boolean;
  remove(id: string): void;
  all(branch: string): Pile[];
}

const PREFIX = "cytoloop-unsent-";

/** `storage`: null where the browser allows none. */
export function openLastWords(storage: Storage | null): LastWords {
  const keys = () => Array.from({ length: storage?.length ?? 0 }, (_, at) => storage?.key(at) ?? "").filter((key) => key.startsWith(PREFIX));
  return {
    keep(pile) {
      try {
        storage?.setItem(PREFIX + pile.id, JSON.stringify(pile));
      } catch {
        storage?.removeItem(PREFIX + pile.id); // no room: the database's copy counts, not an older one of these
      }
    },
    has: (id) => storage?.getItem(PREFIX + id) != null,
    remove: (id) => storage?.removeItem(PREFIX + id),
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
