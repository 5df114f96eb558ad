import { sha256Hex } from "@/lib/sha256";
import { SpeedMeter } from "@/lib/speed";

/** One announced file on the server's side; `received` bytes are there, contiguous from the start. */
export interface ServerFile {
  id: string;
  path: string;
  size: number;
  received: number;
}

/** What the run asks of the server; handed in, so that it can be tried without one. */
export interface Wire {
  /** Answers how many bytes the server now has. May throw; `refusalOf` says whether to try again. */
  sendChunk: (file: string, offset: number, bytes: Uint8Array<ArrayBuffer>, sha256: string, signal: AbortSignal) => Promise<number>;
  /** How many bytes of each file are there, after something went wrong. */
  receivedOf: (file: string) => Promise<number>;
  finish: () => Promise<void>;
  /** A sentence when trying again is useless, null when it may help. */
  refusalOf: (error: unknown) => string | null;
}

export type RunPhase = "sending" | "paused" | "waiting" | "finishing" | "sent" | "failed";

export interface FileProgress {
  sent: number;
  size: number;
  /** Why this file will not be sent; the others go on. */
  refused: string | null;
}

export interface RunState {
  phase: RunPhase;
  sent: number;
  total: number;
  perSecond: number | null;
  secondsLeft: number | null;
  /** Why it waits or failed. */
  message: string | null;
  files: ReadonlyMap<string, FileProgress>;
}

export interface RunOptions {
  wire: Wire;
  chunkBytes: number;
  parallel?: number;
  now?: () => number;
  /** Waits before trying again; resolves early when the run is resumed. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const PARALLEL = 3;
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 20_000;
const TELL_EVERY_MS = 150;

/** Sends the bytes of many files in chunks, some files at a time; can be paused, and outlives a lost network. */
export class UploadRun {
  readonly #options: Required<RunOptions>;
  readonly #speed = new SpeedMeter();
  readonly #listeners = new Set<() => void>();
  readonly #files = new Map<string, FileProgress>();
  readonly #queue: { server: ServerFile; bytes: Blob }[];
  #abort = new AbortController();
  #phase: RunPhase = "paused";
  #message: string | null = null;
  #state: RunState;
  #told = 0;

  /**
   * `bytes` are matched to announced files by path; a file whose bytes are not at hand stays for a later run. Files
   * that are on the server already count as sent.
   */
  constructor(announced: readonly ServerFile[], bytes: ReadonlyMap<string, Blob>, options: RunOptions) {
    this.#options = { parallel: PARALLEL, now: () => performance.now(), sleep: pause, ...options };
    this.#queue = announced.flatMap((server) => {
      const found = bytes.get(server.path);
      return found && found.size === server.size && server.received < server.size ? [{ server, bytes: found }] : [];
    });
    const complete = announced.filter((server) => server.received >= server.size);
    for (const server of [...complete, ...this.#queue.map((one) => one.server)]) {
      this.#files.set(server.path, { sent: server.received, size: server.size, refused: null });
    }
    this.#state = this.#read();
  }

  state = (): RunState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  pause(): void {
    if (this.#phase !== "sending" && this.#phase !== "waiting") return;
    this.#abort.abort();
    this.#speed.clear();
    this.#turn("paused");
  }

  /** Begins, or goes on after a pause or failure; resolves when everything is sent or it was paused. */
  async start(): Promise<void> {
    if (this.#phase !== "paused" && this.#phase !== "failed") return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#turn("sending");
    const waiting = this.#queue.filter(({ server }) => !this.#isDone(server.path));
    const workers = Array.from({ length: this.#options.parallel }, () => this.#work(waiting, signal));
    await Promise.all(workers);
    if (!signal.aborted) await this.#finish(signal);
  }

  async #work(waiting: { server: ServerFile; bytes: Blob }[], signal: AbortSignal): Promise<void> {
    for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) {
      await this.#sendFile(next.server, next.bytes, signal);
    }
  }

  async #sendFile(server: ServerFile, bytes: Blob, signal: AbortSignal): Promise<void> {
    const progress = this.#files.get(server.path) as FileProgress;
    while (progress.sent < progress.size && !progress.refused && !signal.aborted) {
      const offset = progress.sent;
      const chunk = await readChunk(bytes, offset, this.#options.chunkBytes);
      if (!chunk) {
        progress.refused = "The file on your disk can no longer be read; it may have been moved or changed.";
        return this.#turn("sending");
      }
      const digest = await sha256Hex(chunk);
      await this.#patiently(signal, progress, server.id, () => this.#options.wire.sendChunk(server.id, offset, chunk, digest, signal));
    }
  }

  /** Tries until it works, is refused for good, or is paused; asks the server where it stands after each failure. */
  async #patiently(signal: AbortSignal, progress: FileProgress, file: string, send: () => Promise<number>): Promise<void> {
    for (let waitMs = RETRY_FIRST_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, RETRY_LAST_MS)) {
      try {
        progress.sent = await send();
        return this.#moved();
      } catch (error) {
        if (signal.aborted) return;
        progress.refused = this.#options.wire.refusalOf(error);
        if (progress.refused) return this.#turn("sending");
        this.#turn("waiting", sentence(error));
        await this.#options.sleep(waitMs, signal);
        const received = await this.#options.wire.receivedOf(file).catch(() => null);
        if (received !== null && !signal.aborted) {
          progress.sent = received;
          return this.#turn("sending");
        }
      }
    }
  }

  async #finish(signal: AbortSignal): Promise<void> {
    this.#turn("finishing");
    try {
      await this.#options.wire.finish();
      this.#turn("sent");
    } catch (error) {
      if (!signal.aborted) this.#turn("failed", sentence(error));
    }
  }

  #isDone(path: string): boolean {
    const progress = this.#files.get(path);
    return !progress || progress.sent >= progress.size || progress.refused !== null;
  }

  #moved(): void {
    const now = this.#options.now();
    this.#speed.add(this.#sent(), now);
    if (this.#phase === "waiting") return this.#turn("sending");
    if (now - this.#told >= TELL_EVERY_MS) this.#tell();
  }

  #turn(phase: RunPhase, message: string | null = null): void {
    this.#phase = phase;
    this.#message = message;
    this.#tell();
  }

  #tell(): void {
    this.#told = this.#options.now();
    this.#state = this.#read();
    for (const listener of this.#listeners) listener();
  }

  #sent(): number {
    let sent = 0;
    for (const file of this.#files.values()) sent += file.sent;
    return sent;
  }

  #read(): RunState {
    const files = [...this.#files.values()];
    const total = files.reduce((sum, file) => sum + (file.refused ? file.sent : file.size), 0);
    const sent = this.#sent();
    return {
      phase: this.#phase,
      sent,
      total,
      perSecond: this.#speed.perSecond(),
      secondsLeft: this.#speed.secondsLeft(total - sent),
      message: this.#message,
      files: new Map([...this.#files].map(([path, file]) => [path, { ...file }])),
    };
  }
}

/** Null when the disk no longer gives the bytes that were picked. */
async function readChunk(bytes: Blob, from: number, count: number): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await bytes.slice(from, from + count).arrayBuffer());
  } catch {
    return null;
  }
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });
}
