import type { Edit } from "@/editor";
import * as piles from "./pile";
import type { Batch, Collision, Pile } from "./pile";

/** What became of one attempt to send a batch. */
export type SendResult =
  | { kind: "saved"; number: number; rebased: boolean }
  | { kind: "stale"; head: number; collisions: readonly Collision[] }
  | { kind: "unreachable" }
  | { kind: "refused"; reason: string };

export interface AutosaveDoors {
  send(batch: Batch, how: { keepalive: boolean }): Promise<SendResult>;
  /** Remembers the pile beyond this page, so that it survives a reload or a crash. */
  remember(pile: Pile): Promise<void>;
  /** The same, done when it returns. */
  rememberNow(pile: Pile): void;
  /**
   * Brings others' revisions since `base` into the picture, under the edits that the server does not have yet. Answers
   * the newest revision shown and those edits as they must be sent if that revision becomes their base. `landed`: own
   * edits that the server has just put on top of others' work, perhaps changed by it.
   */
  catchUp(base: number, unsent: readonly Edit[], landed: readonly Edit[]): Promise<{ number: number; unsent: readonly Edit[]; keepsBase?: boolean }>;
  /** The server has these own edits as they were sent, in this revision. */
  landed(edits: readonly Edit[], number: number): void;
  /** Lays another's edits, numbered by the server, into the picture. */
  lay(edits: readonly Edit[], number: number): void;
  /** These edits will never reach the server: the person let them go. Shows what the server has in their place. */
  letGo(edits: readonly Edit[]): Promise<void>;
  newId(): string;
  now(): number;
}

/** A revision that somebody has made, as the live line tells it. */
export interface News {
  readonly number: number;
  /** Head of the branch before it; null when the line does not say. */
  readonly previous: number | null;
  /** Null when they did not fit into the message. */
  readonly edits: readonly Edit[] | null;
}

export type SaveState =
  | { kind: "saved"; at: number | null }
  | { kind: "saving"; edits: number }
  | { kind: "offline"; edits: number; retryAt: number }
  | { kind: "conflict"; edits: number; collisions: readonly Collision[] }
  | { kind: "refused"; edits: number; reason: string };

export interface Autosave {
  push(edit: Edit): void;
  /** Immutable; the same object until something changed. */
  state(): SaveState;
  pile(): Pile;
  subscribe(listener: () => void): () => void;
  /** Sends now; resolves when everything that can be sent has been acknowledged, or an attempt has failed. */
  flush(how?: { keepalive: boolean }): Promise<void>;
  /** The page goes, perhaps: what is not sent yet is remembered at once, then sent if there is time. */
  leave(): Promise<void>;
  retryNow(): void;
  /** Somebody has written: it is shown at once when its edits came along, else fetched. */
  hear(news: News): Promise<void>;
  /** Newest revision contained in the picture. */
  shown(): number;
  keepMine(): Promise<void>;
  takeTheirs(): Promise<void>;
  /** Forgets a batch that the server refuses for good. */
  dropRefused(): void;
  stop(): void;
}

/** A stroke after a pause goes up at once; those that follow within this time travel together. */
export const SPACING_MS = 250;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;

/** Sends every edit to the server, one request in flight, until it is acknowledged. Knows neither React nor fetch. */
export function createAutosave(start: Pile, doors: AutosaveDoors): Autosave {
  let pile = start;
  let savedAt: number | null = null;
  let refused: string | null = null;
  let failures = 0;
  let retryAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt: Promise<void> | null = null;
  let sentAt = -Infinity;
  let inPicture = start.base;
  /** Others' work since this revision could not be fetched. Until it is in the picture, edits keep their older base. */
  let behind: number | null = null;
  let hearing = Promise.resolve();
  let turns = Promise.resolve();
  let stopped = false;
  let said: SaveState = { kind: "saved", at: null };
  const listeners = new Set<() => void>();

  function show(): void {
    said = describe();
    listeners.forEach((listener) => listener());
  }

  function describe(): SaveState {
    const edits = piles.countUnsaved(pile);
    if (refused !== null) return { kind: "refused", edits, reason: refused };
    if (pile.held) return { kind: "conflict", edits, collisions: pile.held.collisions };
    if (failures > 0) return { kind: "offline", edits, retryAt };
    return edits > 0 ? { kind: "saving", edits } : { kind: "saved", at: savedAt };
  }

  function change(next: Pile): void {
    if (next !== pile) {
      pile = next;
      void doors.remember(pile);
    }
    show();
  }

  function wake(delay: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void flush(), delay);
  }

  /** Sends flight after flight until nothing is left that can be sent. */
  async function sendAll(keepalive: boolean): Promise<void> {
    for (;;) {
      if (refused !== null) return;
      if (behind !== null) await bringInOthers(behind);
      change(piles.takeOff(pile, doors.newId()));
      const batch = pile.flights[0];
      if (!batch) return;
      sentAt = doors.now();
      const result = await attemptToSend(batch, keepalive);
      if (!(await digest(result, batch.edits))) return;
    }
  }

  async function attemptToSend(batch: Batch, keepalive: boolean): Promise<SendResult> {
    try {
      return await doors.send(batch, { keepalive });
    } catch {
      return { kind: "unreachable" };
    }
  }

  /** Takes in the answer; false when there is nothing more to send for now. */
  async function digest(result: SendResult, sent: readonly Edit[]): Promise<boolean> {
    if (result.kind === "unreachable") {
      fail();
      return false;
    }
    failures = 0;
    if (result.kind === "refused") {
      refused = result.reason;
      show();
      return false;
    }
    if (result.kind === "saved") {
      savedAt = doors.now();
      const before = pile.base;
      change(piles.land(pile, result.rebased ? before : result.number));
      if (result.rebased) await bringInOthers(Math.min(before, inPicture), sent);
      else {
        inPicture = Math.max(inPicture, result.number);
        doors.landed(sent, result.number);
      }
      return true;
    }
    change(piles.hold(pile, result.collisions));
    const newer = await bringInOthers(Math.min(pile.base, inPicture));
    if (result.collisions.length > 0) return true;
    if (!newer) fail(); // stale, but no cell named and nothing newer seen: ask again later
    return newer;
  }

  /** What comes into the picture comes in turn: an answer asked for earlier never lies over one asked for later. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = turns.then(work);
    turns = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  /** True when something newer is now shown. A failure leaves the picture older until the next event or answer. */
  function bringInOthers(since: number, landed: readonly Edit[] = []): Promise<boolean> {
    return inTurn(async () => {
      try {
        const seen = await doors.catchUp(since, piles.unsentEdits(pile), landed);
        change(seen.keepsBase ? piles.seeRemote(pile, seen.number) : piles.rebase(pile, seen.number, seen.unsent));
        inPicture = Math.max(inPicture, seen.number);
        behind = null;
        return seen.number > since;
      } catch {
        behind = since;
        return false;
      }
    });
  }

  /** Shows what somebody else has done. Edits drawn before it keep their older base: the server puts them on top. */
  async function take(news: News): Promise<void> {
    await attempt;
    if (stopped) return;
    if (behind !== null) await bringInOthers(behind);
    await inTurn(async () => {
      if (news.number <= inPicture) return;
      if (isNext(news)) {
        doors.lay(news.edits, news.number);
        inPicture = news.number;
      } else {
        const seen = await doors.catchUp(inPicture, piles.unsentEdits(pile), []).catch(() => null);
        if (seen) inPicture = Math.max(inPicture, seen.number);
      }
      change(piles.seeRemote(pile, inPicture));
    });
  }

  /** It follows on what is shown, brings its edits along, and these meet none of ours. */
  function isNext(news: News): news is News & { edits: readonly Edit[] } {
    if (news.edits === null || news.previous === null || news.previous > inPicture) return false;
    return !piles.meet(news.edits, piles.unsentEdits(pile));
  }

  function fail(): void {
    const delay = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    failures += 1;
    retryAt = doors.now() + delay;
    wake(delay);
    show();
  }

  function flush(how: { keepalive: boolean } = { keepalive: false }): Promise<void> {
    clearTimeout(timer);
    attempt ??= sendAll(how.keepalive).finally(() => {
      attempt = null;
    });
    return attempt;
  }

  if (!piles.isSettled(pile)) show();

  return {
    push(edit) {
      change(piles.join(pile, edit));
      if (!attempt && failures === 0) wake(Math.max(0, sentAt + SPACING_MS - doors.now()));
    },
    state: () => said,
    pile: () => pile,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush,
    leave() {
      if (!piles.isSettled(pile)) doors.rememberNow(pile);
      return flush({ keepalive: true });
    },
    retryNow() {
      if (failures > 0) void flush();
    },
    hear: (news) => (hearing = hearing.then(() => take(news))),
    shown: () => inPicture,
    async keepMine() {
      change(piles.keepMine(pile, doors.newId()));
      await attempt;
      await flush();
    },
    takeTheirs() {
      const given = pile.held?.edits ?? [];
      change(piles.takeTheirs(pile));
      return inTurn(() => doors.letGo(given));
    },
    dropRefused() {
      refused = null;
      const given = pile.flights[0]?.edits ?? [];
      change(piles.dropFirst(pile));
      void inTurn(() => doors.letGo(given));
      void flush();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
