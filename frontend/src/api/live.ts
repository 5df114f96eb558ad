import { EVENT_NAMES, LIVE_WORDS, STALE_AFTER, type EventName, type KeyWord } from "./keys";

/** live: events arrive. polling: the stream is down, lists are asked for again every few seconds. offline: no network. */
export type LiveState = "connecting" | "live" | "polling" | "offline";

export interface LiveOptions {
  open: () => EventSource;
  onStale: (words: readonly KeyWord[]) => void;
  /** Each event as it comes, with what it carries. */
  onEvent?: (name: EventName, data: unknown) => void;
  onState: (state: LiveState) => void;
}

const GATHER_MS = 200;
const POLL_MS = 10_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 30_000;

/** Follows one project's events; gathers what became stale so that a burst asks the server once. */
export class LiveEvents {
  #source: EventSource | null = null;
  #stale = new Set<KeyWord>();
  #gather: ReturnType<typeof setTimeout> | undefined;
  #poll: ReturnType<typeof setInterval> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retryMs = RETRY_FIRST_MS;
  #missed = false;
  readonly #options: LiveOptions;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.onState("connecting");
    this.#connect();
  }

  stop(): void {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#gather);
    clearTimeout(this.#retry);
    this.#stopPolling();
  }

  /** The browser lost or found its network. */
  setOnline(online: boolean): void {
    clearTimeout(this.#retry);
    if (!online) this.#fallBack("offline");
    else this.#connect();
  }

  #connect(): void {
    this.#source?.close();
    const source = this.#options.open();
    this.#source = source;
    source.addEventListener("open", () => this.#opened());
    source.addEventListener("error", () => this.#failed());
    for (const name of EVENT_NAMES) source.addEventListener(name, (event) => this.#heard(name, event));
  }

  #opened(): void {
    this.#stopPolling();
    this.#retryMs = RETRY_FIRST_MS;
    this.#options.onState("live");
    if (this.#missed) this.#options.onStale(LIVE_WORDS); // what happened while the stream was down was not heard
    this.#missed = false;
  }

  #failed(): void {
    this.#fallBack("polling");
    this.#retry = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_LAST_MS);
  }

  #fallBack(state: "polling" | "offline"): void {
    this.#source?.close();
    this.#missed = true;
    this.#options.onState(state);
    if (state === "polling") this.#poll ??= setInterval(() => this.#options.onStale(LIVE_WORDS), POLL_MS);
    else this.#stopPolling();
  }

  #stopPolling(): void {
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  #heard(name: EventName, event: Event): void {
    if (event instanceof MessageEvent) this.#options.onEvent?.(name, dataOf(event));
    if (STALE_AFTER[name].length === 0) return;
    for (const word of STALE_AFTER[name]) this.#stale.add(word);
    this.#gather ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  #flush(): void {
    this.#gather = undefined;
    const words = [...this.#stale];
    this.#stale.clear();
    this.#options.onStale(words);
  }
}

function dataOf(event: MessageEvent): unknown {
  try {
    return JSON.parse(String(event.data));
  } catch {
    return null;
  }
}
