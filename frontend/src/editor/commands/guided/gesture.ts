/** Gestures of several steps whose answers come later: each belongs to one desk, and the next one ends it. */
import type { Draft } from "@/editor/door";
import { newBenchKey } from "@/editor/workers/craft-client";
import type { Desk } from "../desk";

const begun = new WeakMap<Desk, Gesture>();

export class Gesture {
  /** Its place on the craft's bench. */
  readonly key = newBenchKey();
  readonly t: number;
  readonly z: number;
  #asked = 0;
  #shown = 0;
  #waiting: AbortController | null = null;

  constructor(
    readonly desk: Desk,
    readonly tool: Draft["tool"],
  ) {
    this.t = desk.outlook.t;
    this.z = desk.outlook.z;
    begun.set(desk, this);
  }

  /** Its draft is still on the desk, and the frame is still the one where it began. */
  get isAlive(): boolean {
    const { draft, t, z } = this.desk.outlook;
    return begun.get(this.desk) === this && draft?.tool === this.tool && t === this.t && z === this.z;
  }

  /**
   * Shows what `compute` finds. While one is being computed the newest other one waits; one that is older than what is
   * shown is dropped. Answers when this one has been shown or dropped.
   */
  async preview<A>(compute: (signal: AbortSignal) => Promise<A | null>, show: (answer: A) => void): Promise<void> {
    this.#waiting?.abort();
    const flight = new AbortController();
    this.#waiting = flight;
    const number = ++this.#asked;
    const answer = await compute(flight.signal);
    if (answer === null || number < this.#shown || !this.isAlive) return;
    this.#shown = number;
    show(answer);
  }

  /** Only the newest counts from now on: what was asked before is not shown any more. */
  supersede(): void {
    this.#waiting?.abort();
    this.#shown = ++this.#asked;
  }
}

/** The gesture of this tool that is under way. */
export function gestureOf<G extends Gesture>(desk: Desk, type: abstract new (...args: never[]) => G): G | null {
  const gesture = begun.get(desk);
  return gesture instanceof type && gesture.isAlive ? gesture : null;
}
