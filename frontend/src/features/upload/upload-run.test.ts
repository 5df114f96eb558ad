// @vitest-environment node
import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { UploadRun, type ServerFile, type Wire } from "./upload-run";

class Refused extends Error {}

/** A server in memory that keeps bytes as the real one does: contiguous, checked, never overwritten. */
class FakeServer implements Wire {
  readonly kept = new Map<string, Buffer>();
  finished = 0;
  mostAtOnce = 0;
  #atOnce = 0;
  before: (file: string, offset: number) => void = () => undefined;
  after: (file: string, offset: number) => void = () => undefined;

  sendChunk = async (file: string, offset: number, bytes: Uint8Array<ArrayBuffer>, sha256: string, signal: AbortSignal): Promise<number> => {
    this.mostAtOnce = Math.max(this.mostAtOnce, (this.#atOnce += 1));
    await new Promise((done) => setTimeout(done, 1));
    this.#atOnce -= 1;
    signal.throwIfAborted();
    this.before(file, offset);
    expect(sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    const had = this.kept.get(file) ?? Buffer.alloc(0);
    expect(offset).toBe(had.length);
    this.kept.set(file, Buffer.concat([had, bytes]));
    this.after(file, offset);
    return offset + bytes.length;
  };
  receivedOf = (file: string) => Promise.resolve(this.kept.get(file)?.length ?? 0);
  finish = () => Promise.resolve(void (this.finished += 1));
  refusalOf = (error: unknown) => (error instanceof Refused ? error.message : null);
}

const announced = (sizes: Record<string, number>): ServerFile[] =>
  Object.entries(sizes).map(([path, size]) => ({ id: path, path, size, received: 0 }));
const content = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 7) % 251));
const bytesOf = (files: ServerFile[]) => new Map(files.map((file) => [file.path, new Blob([content(file.size)])]));

function runOf(files: ServerFile[], server: FakeServer, parallel = 3) {
  return new UploadRun(files, bytesOf(files), { wire: server, chunkBytes: 10, parallel, sleep: () => Promise.resolve() });
}

describe("an upload", () => {
  it("sends every byte of every file, some files at a time, and finishes once", async () => {
    const server = new FakeServer();
    const files = announced({ a: 35, b: 10, c: 1, d: 99 });
    const run = runOf(files, server);
    await run.start();
    for (const file of files) expect(server.kept.get(file.id), file.path).toEqual(content(file.size));
    expect(server.finished).toBe(1);
    expect(server.mostAtOnce).toBe(3);
    expect(run.state()).toMatchObject({ phase: "sent", sent: 145, total: 145 });
  });

  it("goes on where the server stands after a reload", async () => {
    const server = new FakeServer();
    server.kept.set("a", content(35).subarray(0, 20));
    const files = announced({ a: 35 }).map((file) => ({ ...file, received: 20 }));
    const offsets: number[] = [];
    server.before = (_, offset) => void offsets.push(offset);
    await runOf(files, server).start();
    expect(offsets).toEqual([20, 30]);
    expect(server.kept.get("a")).toEqual(content(35));
  });

  it("counts what an earlier visit sent, without sending it again", async () => {
    const server = new FakeServer();
    const [done, open] = announced({ done: 30, open: 10 });
    const run = new UploadRun([{ ...done, received: 30 }, open], bytesOf([open]), { wire: server, chunkBytes: 10 });
    expect(run.state()).toMatchObject({ sent: 30, total: 40 });
    await run.start();
    expect([...server.kept.keys()]).toEqual(["open"]);
    expect(run.state()).toMatchObject({ phase: "sent", sent: 40 });
  });

  it("outlives failures before and after the server kept the chunk", async () => {
    const server = new FakeServer();
    let fails = 0;
    const failSometimes = () => {
      fails += 1;
      if (fails % 3 === 0) throw new TypeError("network");
    };
    server.before = failSometimes;
    server.after = failSometimes;
    const files = announced({ a: 100, b: 57 });
    await runOf(files, server, 1).start();
    expect(fails).toBeGreaterThan(10);
    for (const file of files) expect(server.kept.get(file.id), file.path).toEqual(content(file.size));
  });

  it("sends the others when one file is refused", async () => {
    const server = new FakeServer();
    server.before = (file) => {
      if (file === "bad") throw new Refused("This file is not an image.");
    };
    const run = runOf(announced({ good: 20, bad: 20 }), server);
    await run.start();
    expect(run.state().files.get("bad")?.refused).toBe("This file is not an image.");
    expect(server.kept.get("good")).toEqual(content(20));
    expect(run.state()).toMatchObject({ phase: "sent", sent: 20, total: 20 });
  });

  it("stops on pause and goes on without a gap", async () => {
    const server = new FakeServer();
    const run = runOf(announced({ a: 50 }), server);
    server.after = (_, offset) => {
      if (offset === 20) run.pause();
    };
    await run.start();
    expect(run.state().phase).toBe("paused");
    expect(server.finished).toBe(0);
    await run.start();
    expect(server.kept.get("a")).toEqual(content(50));
    expect(server.finished).toBe(1);
  });

  it("leaves alone what was picked with another size", () => {
    const files = announced({ a: 5, b: 5 });
    const bytes = new Map([["a", new Blob([content(4)])], ["b", new Blob([content(5)])]]);
    const run = new UploadRun(files, bytes, { wire: new FakeServer(), chunkBytes: 10 });
    expect([...run.state().files.keys()]).toEqual(["b"]);
  });

  it("gives up a file that the disk no longer has, and sends the rest", async () => {
    const server = new FakeServer();
    const files = announced({ gone: 10, here: 10 });
    const gone = { size: 10, slice: () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }) } as unknown as Blob;
    const run = new UploadRun(files, bytesOf(files).set("gone", gone), { wire: server, chunkBytes: 10 });
    await run.start();
    expect(run.state().files.get("gone")?.refused).toContain("no longer be read");
    expect(server.kept.get("here")).toEqual(content(10));
  });

  it("says why it waits and tells its listeners", async () => {
    const server = new FakeServer();
    const said = vi.fn();
    let failed = false;
    server.before = () => {
      if (failed) return;
      failed = true;
      throw new TypeError("no network");
    };
    const run = runOf(announced({ a: 10 }), server);
    run.subscribe(() => void said(run.state().phase, run.state().message));
    await run.start();
    expect(said).toHaveBeenCalledWith("waiting", "no network");
    expect(said).toHaveBeenLastCalledWith("sent", null);
  });

  it("fails with the sentence of the server when it cannot be finished, and can be tried again", async () => {
    const server = new FakeServer();
    const finish = server.finish;
    server.finish = () => Promise.reject(new Error("The disk is full."));
    const run = runOf(announced({ a: 10 }), server);
    await run.start();
    expect(run.state()).toMatchObject({ phase: "failed", message: "The disk is full." });
    server.finish = finish;
    await run.start();
    expect(run.state().phase).toBe("sent");
  });
});
