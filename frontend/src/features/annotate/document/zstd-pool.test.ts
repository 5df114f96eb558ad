import { describe, expect, test } from "vitest";
import { ZstdPool } from "./zstd-pool";
import type { ZstdAnswer, ZstdOrder, ZstdWorker } from "./zstd-pool";

/** Answers when it is told to. */
class SlowWorker implements ZstdWorker {
  onmessage: ((event: MessageEvent<ZstdAnswer>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  order: ZstdOrder | null = null;
  transferred: Transferable[] = [];

  postMessage(order: ZstdOrder, { transfer }: { transfer: Transferable[] }): void {
    [this.order, this.transferred] = [order, transfer];
  }

  answer(answer: { bytes: Uint8Array } | { error: string }): void {
    this.onmessage?.({ data: { number: 1, ...answer } } as MessageEvent<ZstdAnswer>);
  }
}

function poolOf(most: number) {
  const workers: SlowWorker[] = [];
  const pool = new ZstdPool(() => {
    workers.push(new SlowWorker());
    return workers[workers.length - 1];
  }, most);
  return { pool, workers };
}

const bytes = (n: number): Uint8Array => Uint8Array.of(n, n);

describe("the pool that unpacks chunks", () => {
  test("D5 no more workers than allowed, each one chunk at a time, the newest first", async () => {
    const { pool, workers } = poolOf(2);
    const done = [1, 2, 3, 4].map((n) => pool.decompress(bytes(n)));
    expect(workers.map((worker) => worker.order?.bytes[0])).toEqual([1, 2]);
    workers[0].answer({ bytes: bytes(10) });
    expect(await done[0]).toEqual(bytes(10));
    expect(workers[0].order?.bytes[0]).toBe(4);
    expect(workers).toHaveLength(2);
  });

  test("D5 bytes change hands; of a part of a larger buffer only that part", () => {
    const { pool, workers } = poolOf(1);
    void pool.decompress(new Uint8Array([9, 1, 2, 9]).subarray(1, 3));
    expect([...(workers[0].order?.bytes ?? [])]).toEqual([1, 2]);
    expect(workers[0].transferred).toEqual([workers[0].order?.bytes.buffer]);
  });

  test("D5 a broken chunk is told to who asked, and the others go on", async () => {
    const { pool, workers } = poolOf(1);
    const [first, second] = [pool.decompress(bytes(1)), pool.decompress(bytes(2))];
    workers[0].answer({ error: "not zstd" });
    await expect(first).rejects.toThrow("not zstd");
    workers[0].answer({ bytes: bytes(7) });
    expect(await second).toEqual(bytes(7));
  });
});
