import { invertEdit, type Edit } from "@/editor";

/** One edit of the log, with what is said of it while it is shown. */
export interface Step {
  readonly edit: Edit;
  readonly number: number;
  readonly author: string;
  readonly at: string;
}

export interface PlayerState {
  /** Edits shown so far. */
  readonly position: number;
  readonly playing: boolean;
  readonly perSecond: number;
}

/** Edits a second that can be chosen. */
export const SPEEDS = [1, 4, 16, 64, 256] as const;
/** Laying edits pauses for the screen after so long. */
const BREATH_MS = 24;

/** Plays a log of edits over the labels as they were before it, forwards and backwards. */
export class Player {
  #state: PlayerState = { position: 0, playing: false, perSecond: 16 };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #seeks = 0;
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly steps: readonly Step[],
    private readonly lay: (edit: Edit) => void,
    /** The newest edit laid, for the eye to follow. */
    private readonly onShown: (edit: Edit) => void = () => undefined,
  ) {}

  state = (): PlayerState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** From the beginning when it stands at the end. */
  async play(): Promise<void> {
    if (this.#state.position >= this.steps.length) await this.seek(0);
    this.#set({ playing: true });
    this.#next();
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.#set({ playing: false });
  }

  setSpeed(perSecond: number): void {
    this.#set({ perSecond });
  }

  #next(): void {
    const { perSecond } = this.#state;
    // Screens show no more than some thirty pictures a second: a fast replay lays several edits at once.
    const together = Math.max(1, Math.round(perSecond / 32));
    this.#timer = setTimeout(() => {
      const to = Math.min(this.steps.length, this.#state.position + together);
      while (this.#state.position < to) this.#step(1);
      this.#shown();
      if (to >= this.steps.length) this.pause();
      else if (this.#state.playing) this.#next();
    }, (1000 * together) / perSecond);
  }

  /** Goes to a position; a later call overtakes an earlier one. */
  async seek(to: number): Promise<void> {
    const seek = ++this.#seeks;
    const goal = Math.min(this.steps.length, Math.max(0, Math.round(to)));
    for (let breath = performance.now(); this.#state.position !== goal && seek === this.#seeks; ) {
      this.#step(goal > this.#state.position ? 1 : -1);
      if (performance.now() - breath < BREATH_MS) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      breath = performance.now();
    }
    if (seek === this.#seeks) this.#shown();
  }

  #step(by: 1 | -1): void {
    const { position } = this.#state;
    const { edit } = this.steps[by === 1 ? position : position - 1];
    this.lay(by === 1 ? edit : invertEdit(edit));
    this.#state = { ...this.#state, position: position + by };
  }

  #shown(): void {
    const last = this.steps[this.#state.position - 1];
    if (last) this.onShown(last.edit);
    this.#set({});
  }

  #set(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    this.#listeners.forEach((listener) => listener());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#seeks++;
  }
}
