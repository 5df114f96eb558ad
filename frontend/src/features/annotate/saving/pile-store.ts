import type { Pile } from "./pile";

const DATABASE = "cytoloop";
const PILES = "piles";

/** Where unsent edits outlive the page. */
export interface PileStore {
  all(branch: string): Promise<Pile[]>;
  put(pile: Pile): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Piles in IndexedDB, one record each, so that two tabs on one image never overwrite one another. */
export function openPileStore(): PileStore {
  let opened: Promise<IDBDatabase> | null = null;
  const database = () => (opened ??= open());
  return {
    async all(branch) {
      const piles = await answer((await database()).transaction(PILES).objectStore(PILES).getAll() as IDBRequest<Pile[]>);
      return piles.filter((pile) => pile.branch === branch);
    },
    async put(pile) {
      await finished((await database()).transaction(PILES, "readwrite"), (store) => store.put(pile));
    },
    async remove(id) {
      await finished((await database()).transaction(PILES, "readwrite"), (store) => store.delete(id));
    },
  };
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(PILES, { keyPath: "id" });
  return answer(request);
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser's database did not answer."));
  });
}

function finished(transaction: IDBTransaction, write: (store: IDBObjectStore) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error ?? new Error("The browser's database did not write."));
    write(transaction.objectStore(PILES));
  });
}
