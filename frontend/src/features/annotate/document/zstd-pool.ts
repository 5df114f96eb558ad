/** Chunks are unpacked beside the page's own thread, by a few workers; bytes change hands without being copied. */

export interface ZstdOrder {
  readonly number: number;
  readonly bytes: Uint8Array;
}

export type ZstdAnswer =
  | { readonly number: number; readonly bytes: Uint8Array }
  | { readonly number: number; readonly error: string };

/** What the pool needs of a worker. */
export interface ZstdWorker {
  postMessage(order: ZstdOrder, options: { transfer: Transferable[] }): void;
  onmessage: ((event: MessageEvent<ZstdAnswer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

interface Waiting {
  readonly bytes: Uint8Array;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** More would only take turns with the page itself. */
const MOST_WORKERS = 4;

export class ZstdPool {
  readonly #queue: Waiting[] = [];
  readonly #idle: ZstdWorker[] = [];
  readonly #busy = new Map<ZstdWorker, Waiting>();
  #orders = 0;

  constructor(
    private readonly start: () => ZstdWorker,
    private readonly most = Math.max(1, Math.min(MOST_WORKERS, (navigator.hardwareConcurrency || 2) - 1)),
  ) {}

  decompress(bytes: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ bytes, resolve, reject });
      this.#next();
    });
  }

  /** The newest first: what was asked for last is looked at now. */
  #next(): void {
    if (this.#queue.length === 0) return;
    const worker = this.#idle.pop() ?? (this.#busy.size < this.most ? this.#begin() : undefined);
    const waiting = worker && this.#queue.pop();
    if (!worker || !waiting) return;
    this.#busy.set(worker, waiting);
    const whole = waiting.bytes.byteLength === waiting.bytes.buffer.byteLength ? waiting.bytes : waiting.bytes.slice();
    worker.postMessage({ number: ++this.#orders, bytes: whole }, { transfer: [whole.buffer] });
  }

  #begin(): ZstdWorker {
    const worker = this.start();
    worker.onmessage = ({ data }) => {
      const waiting = this.#rest(worker);
      this.#idle.push(worker);
      if ("error" in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data.bytes);
      this.#next();
    };
    worker.onerror = () => {
      this.#rest(worker)?.reject(new Error("A worker that unpacks pixels stopped; reload the page."));
      this.#next();
    };
    return worker;
  }

  #rest(worker: ZstdWorker): Waiting | undefined {
    const waiting = this.#busy.get(worker);
    this.#busy.delete(worker);
    return waiting;
  }
}
