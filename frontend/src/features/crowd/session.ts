/** One worker at one campaign: plain TypeScript. Answers wait here until the server has them; nothing is lost on the way. */
import { isApiError } from "@/api/errors";
import type { Feedback, Value } from "@/microtasks/types";
import { KeyLost, type Doors, type End, type Item, type Me, type OpenCampaign } from "./doors";
import type { Kept, Memory, Waiting } from "./memory";

export type Phase =
  | { readonly name: "opening" }
  | { readonly name: "consent" }
  | { readonly name: "welcome" }
  | { readonly name: "how-to"; readonly item: Item }
  | { readonly name: "item"; readonly item: Item; readonly sent: boolean }
  | { readonly name: "feedback"; readonly item: Item; readonly value: Value; readonly feedback: Feedback }
  | { readonly name: "loading" }
  | { readonly name: "ended"; readonly end: End }
  | { readonly name: "forgotten" }
  | { readonly name: "failed"; readonly error: unknown };

export interface SessionState {
  readonly phase: Phase;
  readonly campaign: OpenCampaign | null;
  readonly me: Me | null;
  /** Answers that the server has not confirmed yet. */
  readonly unsent: number;
  /** The network is away, or the server asks to wait: until when, ms of the clock. */
  readonly trouble: { readonly kind: "offline" | "busy"; readonly until: number } | null;
  /** A sentence of the server about the last answers. */
  readonly notice: string;
  readonly joining: boolean;
  readonly joinError: unknown;
}

export interface Surroundings {
  now(): number;
  later(run: () => void, ms: number): () => void;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** Items fetched before they are needed. */
const AHEAD = 1;

export class CrowdSession {
  #state: SessionState = { phase: { name: "opening" }, campaign: null, me: null, unsent: 0, trouble: null, notice: "", joining: false, joinError: null };
  readonly #listeners = new Set<() => void>();
  #ready: Item[] = [];
  /** Shown items whose answer is on its way: feedback needs their pictures. */
  readonly #answered = new Map<string, { item: Item; value: Value }>();
  readonly #feedback: { item: Item; value: Value; feedback: Feedback }[] = [];
  /** Pictures of cells whose class was told: shown on the buttons from then on. */
  readonly #examples = new Map<string, string>();
  #end: End | null = null;
  /** The server has nothing but what is shown already: asked again after the next answer. */
  #sameAgain = false;
  #sending = false;
  #filling = false;
  #failures = 0;
  #stopWaiting: (() => void) | null = null;
  #shownAt = 0;
  #hiddenMs = 0;
  #hiddenAt: number | null = null;

  constructor(
    private readonly doors: Doors,
    private readonly memory: Memory,
    private readonly around: Surroundings,
  ) {}

  state = (): SessionState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async open(): Promise<void> {
    this.#set({ phase: { name: "opening" } });
    try {
      const campaign = await this.doors.read(this.#kept.secret).catch((error: unknown) => {
        if (!(error instanceof KeyLost) || this.#kept.secret === null) throw error;
        this.#forgetKey();
        return this.doors.read(null);
      });
      if (this.#kept.secret !== null && campaign.me === null) this.#forgetKey();
      this.#set({ campaign, me: campaign.me, unsent: this.#kept.waiting.length, phase: { name: this.#kept.secret === null ? "consent" : "welcome" } });
      if (this.#kept.secret !== null) this.#work();
    } catch (error) {
      this.#set({ phase: { name: "failed", error } });
    }
  }

  async agree(platformWorker: string | null): Promise<void> {
    if (this.#state.joining) return;
    this.#set({ joining: true, joinError: null });
    try {
      const { secret, me } = await this.doors.join(platformWorker);
      this.#keep({ secret, waiting: [] });
      this.#set({ me, joining: false });
      this.resume();
    } catch (joinError) {
      this.#set({ joining: false, joinError });
    }
  }

  /** From the consent or the welcome to the first item. */
  resume(): void {
    this.#set({ phase: { name: "loading" } });
    this.#work();
    this.#advance();
  }

  /** The how-to was read. */
  understood(): void {
    const { phase } = this.#state;
    if (phase.name !== "how-to") return;
    this.#keep({ explained: [...new Set([...this.#kept.explained, phase.item.kind])] });
    this.#show(phase.item);
  }

  answer(value: Value): void {
    const { phase } = this.#state;
    if (phase.name !== "item" || phase.sent) return;
    const { item } = phase;
    this.#answered.set(item.id, { item, value });
    this.#keep({ waiting: [...this.#kept.waiting, { item: item.id, value, seconds: this.#secondsShown() }] });
    // A training item is looked at again; after others the next one comes at once.
    if (item.is_training) this.#set({ phase: { ...phase, sent: true } });
    else this.#advance();
    this.#work();
  }

  /** The feedback was looked at. */
  goOn(): void {
    const { phase } = this.#state;
    if (phase.name === "feedback" && !this.#keepExample(phase)) this.doors.release(phase.item);
    this.#advance();
    this.#work();
  }

  /** Answers whether the picture is now an example of its class. */
  #keepExample({ item, feedback: { truth } }: { item: Item; feedback: Feedback }): boolean {
    if (item.kind !== "CLASS" || truth === null || !("choice" in truth) || this.#examples.has(truth.choice)) return false;
    this.#examples.set(truth.choice, item.pictures[0]);
    return true;
  }

  #withExamples(item: Item): Item {
    if (item.kind !== "CLASS" || this.#examples.size === 0) return item;
    const examplesOf = (id: string): string[] => [this.#examples.get(id) ?? []].flat();
    return { ...item, classes: item.classes.map((one) => ({ ...one, examples: examplesOf(one.id) })) };
  }

  /** The network is back, or somebody does not want to wait. */
  retry(): void {
    if (this.#state.phase.name === "failed") return void this.open();
    this.#failures = 0;
    this.#end = null;
    this.#clearTrouble();
    if (this.#state.phase.name === "ended") this.#set({ phase: { name: "loading" } });
    this.#work();
  }

  async forget(): Promise<void> {
    const { secret } = this.#kept;
    if (secret !== null) await this.doors.forget(secret);
    this.#forgetKey();
    this.#set({ phase: { name: "forgotten" }, me: null });
  }

  leaders = () => (this.#kept.secret === null ? Promise.resolve([]) : this.doors.leaders(this.#kept.secret));

  /** Time while the page is not looked at is no time spent on the item. */
  looked(visible: boolean): void {
    const now = this.around.now();
    if (!visible) this.#hiddenAt ??= now;
    else if (this.#hiddenAt !== null) {
      this.#hiddenMs += now - this.#hiddenAt;
      this.#hiddenAt = null;
    }
  }

  close(): void {
    this.#stopWaiting?.();
    for (const item of this.#ready) this.doors.release(item);
    for (const { item } of this.#answered.values()) this.doors.release(item);
  }

  // ------------------------------------------------------------ what is shown

  #advance(): void {
    const told = this.#feedback.shift();
    const item = told ? undefined : this.#ready.shift();
    if (told) this.#set({ phase: { name: "feedback", ...told } });
    else if (item && !this.#kept.explained.includes(item.kind)) this.#set({ phase: { name: "how-to", item } });
    else if (item) this.#show(item);
    else if (this.#end && this.#kept.waiting.length === 0) this.#set({ phase: { name: "ended", end: this.#end } });
    else this.#set({ phase: { name: "loading" } });
  }

  #show(item: Item): void {
    this.#shownAt = this.around.now();
    this.#hiddenMs = 0;
    if (this.#hiddenAt !== null) this.#hiddenAt = this.#shownAt;
    this.#set({ phase: { name: "item", item: this.#withExamples(item), sent: false } });
  }

  #secondsShown(): number {
    return Math.max(0, Math.round(this.around.now() - this.#shownAt - this.#hiddenMs) / 1000);
  }

  // ------------------------------------------------------------ what goes to and fro

  #work(): void {
    if (this.#stopWaiting || this.#kept.secret === null) return;
    void this.#send();
    void this.#fill();
  }

  async #send(): Promise<void> {
    const [first] = this.#kept.waiting;
    const { secret } = this.#kept;
    if (this.#sending || !first || secret === null) return;
    this.#sending = true;
    try {
      const { feedback, notice, me } = await this.doors.answer(secret, first.item, first.value, first.seconds);
      this.#sending = false;
      this.#arrived(first);
      this.#set({ me, notice });
      this.#told(first.item, feedback);
    } catch (error) {
      this.#sending = false;
      if (this.#willPass(error)) return;
      if (error instanceof KeyLost) return this.#lostKey(error);
      // Another took the place, or it was answered before: there is nothing more to send.
      this.#arrived(first);
      if (isApiError(error, 400)) this.#set({ notice: error.message });
      this.#told(first.item, null);
    }
    this.#work();
  }

  #arrived(sent: Waiting): void {
    this.#failures = 0;
    this.#end = null;
    this.#sameAgain = false;
    this.#keep({ waiting: this.#kept.waiting.filter((one) => one.item !== sent.item) });
  }

  #told(id: string, feedback: Feedback | null): void {
    const shown = this.#answered.get(id);
    this.#answered.delete(id);
    if (!shown) return;
    const { phase } = this.#state;
    const isAwaited = phase.name === "item" && phase.sent && phase.item.id === id;
    if (feedback) this.#feedback.push({ ...shown, feedback });
    else this.doors.release(shown.item);
    if (isAwaited || phase.name === "loading") this.#advance();
  }

  async #fill(): Promise<void> {
    const { secret } = this.#kept;
    if (this.#filling || secret === null || this.#end || this.#sameAgain || !this.#mayFetch()) return;
    this.#filling = true;
    try {
      const { item, done, me } = await this.doors.next(secret, this.#holding());
      this.#filling = false;
      this.#failures = 0;
      this.#set({ me });
      this.#sameAgain = item !== null && this.#holding().includes(item.id);
      if (item && !this.#sameAgain) this.#ready.push(item);
      if (!item) this.#noneLeft(done);
      if (this.#state.phase.name === "loading") this.#advance();
    } catch (error) {
      this.#filling = false;
      if (this.#willPass(error)) return;
      if (error instanceof KeyLost) return this.#lostKey(error);
      this.#set({ phase: { name: "failed", error } });
      return;
    }
    if (!this.#end) this.#work();
  }

  /** One ahead; of practice pictures no more than are left, or there would be some after the last. */
  #mayFetch(): boolean {
    const { me } = this.#state;
    const practised = me?.state === "TRAINING" ? this.#holding().length : 0;
    return this.#ready.length < AHEAD && (practised === 0 || practised < (me?.training_left ?? 0));
  }

  #holding(): string[] {
    const { phase } = this.#state;
    const shown = phase.name === "item" || phase.name === "how-to" || phase.name === "feedback" ? [phase.item.id] : [];
    return [...new Set([...shown, ...this.#ready.map(({ id }) => id), ...this.#kept.waiting.map(({ item }) => item)])];
  }

  /** Believed once all answers have arrived: an answer on its way may open the next item. */
  #noneLeft(done: End | null): void {
    const { phase } = this.#state;
    const busy = this.#kept.waiting.length > 0 || phase.name === "item" || phase.name === "how-to";
    this.#end = done ?? { reason: "NOTHING_NOW", message: "", wait_s: 30, code: "", redirect: "" };
    if (busy) return;
    if (this.#end.reason === "NOTHING_NOW" && this.#end.wait_s !== null) this.#wait(this.#end.wait_s * 1000, null);
  }

  // ------------------------------------------------------------ trouble

  /** Answers whether it is worth asking again by itself, and then does so later. */
  #willPass(error: unknown): boolean {
    // Sending and fetching fail together: one wait is enough for both.
    if (this.#stopWaiting) return true;
    if (isApiError(error, 429)) {
      this.#wait(1000 * (error.retryAfter_s ?? 10), "busy");
      return true;
    }
    if (!isApiError(error) || (error.status !== 0 && error.status < 500)) return false;
    this.#failures += 1;
    this.#wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1)), "offline");
    return true;
  }

  #wait(ms: number, kind: "offline" | "busy" | null): void {
    this.#stopWaiting?.();
    if (kind) this.#set({ trouble: { kind, until: this.around.now() + ms } });
    this.#stopWaiting = this.around.later(() => {
      this.#end = null;
      this.#clearTrouble();
      if (this.#state.phase.name === "ended") this.#set({ phase: { name: "loading" } });
      this.#work();
    }, ms);
  }

  #clearTrouble(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    if (this.#state.trouble) this.#set({ trouble: null });
  }

  /** The server no longer knows this key. */
  #lostKey(error: unknown): void {
    this.#forgetKey();
    this.#set({ phase: this.#state.campaign ? { name: "consent" } : { name: "failed", error } });
  }

  #forgetKey(): void {
    this.#ready = [];
    this.memory.write({ secret: null, waiting: [], explained: this.#kept.explained });
    this.#set({ unsent: 0 });
  }

  // ------------------------------------------------------------ state

  get #kept(): Kept {
    return this.memory.read();
  }

  #keep(change: Partial<Kept>): void {
    this.memory.write({ ...this.#kept, ...change });
    this.#set({ unsent: this.#kept.waiting.length });
  }

  #set(change: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
