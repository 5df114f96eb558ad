/** Feeds the history from the server's log, page by page, as far as somebody really undoes. */
import type { History } from "../core/history";
import type { LogWalk } from "../core/log-walk";
import type { PastProvider } from "../host";

/** Fewer than this: read on before somebody needs it. */
const LOW = 10;
const MOST = 1_000;
const KEPT = 500;

export class HistoryFeed {
  #walk: LogWalk | null = null;
  #before: number | null = null;
  #ended: boolean;
  #reading: Promise<void> | null = null;
  readonly #flight = new AbortController();

  constructor(
    private readonly history: History,
    private readonly provider: PastProvider | undefined,
    private readonly onFed: () => void,
  ) {
    this.#ended = provider === undefined;
  }

  /** There are, or may be, older steps than those counted. */
  get isMore(): boolean {
    return !this.#ended;
  }

  /** After each step: reads ahead when few are left, lets go when there are many. */
  tend(): void {
    if (this.history.undoCount > MOST && this.provider?.isSaved()) this.#letGo();
    else if (this.history.undoCount < LOW) void this.need().catch(() => undefined); // offline: asked again when it is wanted
  }

  #letGo(): void {
    this.history.trim(KEPT);
    this.#walk = null;
    this.#before = null;
    this.#ended = false;
  }

  /** Reads until more can be undone than before, or the log ends. */
  need(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    const begin = this.history.undoCount;
    while (!this.#ended && this.history.undoCount <= begin) await this.#readPage();
    this.onFed();
  }

  async #readPage(): Promise<void> {
    if (!this.provider) return;
    const page = await this.provider.readOwn(this.#before, this.#flight.signal);
    this.#walk ??= this.history.walk();
    this.history.feed(this.#walk.take(page.edits));
    this.#before = page.before;
    this.#ended = page.before === null;
  }

  close(): void {
    this.#flight.abort();
  }
}
