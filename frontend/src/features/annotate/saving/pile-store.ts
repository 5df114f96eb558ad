import type { Edit } from "@/editor";
import type { LastWords } from "./last-words";
import type { Batch, Held, Pile } from "./pile";
import { unsentEdits } from "./pile";

const DATABASE = "cytoloop";
const VERSION = 2;
const PILES = "piles";
const EDITS = "edits";

/** Where unsent edits outlive the page. */
export interface PileStore {
  all(branch: string): Promise<Pile[]>;
  put(pile: Pile): Promise<void>;
  /** As `put`, and safe already when it returns, for a page that may go before the database has written. */
  putNow(pile: Pile): Promise<void>;
  remove(id: string): Promise<void>;
}

/** A pile without its edits, which lie beside it one by one: a stroke more costs one record more, not the whole pile again. */
type Order = Omit<Pile, "flights" | "waiting" | "held"> & {
  readonly flights: readonly (Omit<Batch, "edits"> & { readonly edits: readonly string[] })[];
  readonly waiting: readonly string[];
  readonly held: (Omit<Held, "edits"> & { readonly edits: readonly string[] }) | null;
};

/**
 * Piles in IndexedDB, each on its own, so that two tabs on one image never overwrite one another. Last words of a pile
 * are kept until the database has written the same, and follow its changes until then: they are never the older ones.
 */
export function openPileStore(words: LastWords): PileStore {
  let opened: Promise<IDBDatabase> | null = null;
  const database = () => (opened ??= open(() => (opened = null)));
  const stored = new Map<string, ReadonlyMap<string, Edit>>();
  const write = async (id: string, now: ReadonlyMap<string, Edit>, order: Order | null) => {
    const before = stored.get(id) ?? new Map<string, Edit>();
    stored.set(id, now);
    const transaction = (await database()).transaction([PILES, EDITS], "readwrite");
    await written(transaction, () => {
      const edits = transaction.objectStore(EDITS);
      for (const [edit, value] of now) if (before.get(edit) !== value) edits.put(value, [id, edit]);
      if (order) for (const edit of before.keys()) if (!now.has(edit)) edits.delete([id, edit]);
      if (order) transaction.objectStore(PILES).put(order);
      else {
        transaction.objectStore(PILES).delete(id);
        edits.delete(IDBKeyRange.bound([id], [id, []]));
      }
    }).catch((error: unknown) => {
      stored.delete(id); // the next attempt writes everything again
      throw error;
    });
  };
  const put = async (pile: Pile) => {
    await write(pile.id, new Map(unsentEdits(pile).map((edit) => [edit.id, edit])), orderOf(pile));
    words.written(pile);
  };
  return {
    async all(branch) {
      const transaction = (await database()).transaction([PILES, EDITS]);
      const orders = (await answer(transaction.objectStore(PILES).getAll() as IDBRequest<(Order | Pile)[]>)).filter((pile) => pile.branch === branch);
      const last = words.all(branch);
      const written = await Promise.all(
        orders.map(async (order) => {
          const edits = await editsOf(transaction.objectStore(EDITS), order.id);
          stored.set(order.id, edits);
          return pileOf(order, edits);
        }),
      );
      return [...written.filter((pile) => !last.some(({ id }) => id === pile.id)), ...last];
    },
    put(pile) {
      if (words.has(pile.id)) words.keep(pile);
      return put(pile);
    },
    putNow(pile) {
      words.keep(pile);
      return put(pile);
    },
    async remove(id) {
      words.remove(id);
      await write(id, new Map(), null);
      stored.delete(id);
    },
  };
}

async function editsOf(store: IDBObjectStore, pile: string): Promise<ReadonlyMap<string, Edit>> {
  const edits = await answer(store.getAll(IDBKeyRange.bound([pile], [pile, []])) as IDBRequest<Edit[]>);
  return new Map(edits.map((edit) => [edit.id, edit]));
}

const idsOf = (edits: readonly Edit[]): string[] => edits.map((edit) => edit.id);

function orderOf({ flights, waiting, held, ...pile }: Pile): Order {
  return {
    ...pile,
    flights: flights.map((batch) => ({ ...batch, edits: idsOf(batch.edits) })),
    waiting: idsOf(waiting),
    held: held && { ...held, edits: idsOf(held.edits) },
  };
}

/** Piles of an earlier version hold their edits themselves. */
function pileOf(order: Order | Pile, edits: ReadonlyMap<string, Edit>): Pile {
  const named = (these: readonly (string | Edit)[]): Edit[] => these.flatMap((one) => (typeof one === "string" ? (edits.get(one) ?? []) : one));
  return {
    ...order,
    flights: order.flights.map((batch) => ({ ...batch, edits: named(batch.edits) })),
    waiting: named(order.waiting),
    held: order.held && { ...order.held, edits: named(order.held.edits) },
  };
}

function open(onClose: () => void): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    const { result } = request;
    if (!result.objectStoreNames.contains(PILES)) result.createObjectStore(PILES, { keyPath: "id" });
    if (!result.objectStoreNames.contains(EDITS)) result.createObjectStore(EDITS);
  };
  return answer(request).then((database) => {
    // A newer page of ours waits in another tab until this one lets go.
    database.onversionchange = () => {
      database.close();
      onClose();
    };
    return database;
  });
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser's database did not answer."));
  });
}

function written(transaction: IDBTransaction, write: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error ?? new Error("The browser's database did not write."));
    transaction.onabort = () => reject(transaction.error ?? new Error("The browser's database did not write."));
    write();
    transaction.commit(); // as soon as that is written: nothing more follows
  });
}
