/** Asks the host for labels of frames: the present one first, its neighbours to have them ready. */
import type { LabelDocument } from "../host";
import type { Frame } from "../core/frame";
import type { Runs } from "../core/runs";

export interface FramePlace {
  readonly t: number;
  readonly z: number;
  /** What is needed there where labels are read by regions: whole cells, and the tiles under pixels. */
  readonly cell?: number | null;
  readonly cells?: readonly number[];
  readonly runs?: Runs;
  readonly add?: Runs;
  readonly remove?: Runs;
  readonly takes?: ReadonlyMap<number, Runs>;
}

export interface FrameReaderOptions {
  readonly document: LabelDocument;
  readonly isHere: (place: FramePlace) => boolean;
  readonly onFrame: (place: FramePlace, frame: Frame) => void;
  readonly onError: (error: unknown) => void;
}

export class FrameReader {
  readonly #flying = new Map<string, { flight: AbortController; done: Promise<void> }>();
  /** Frames that a command waits for are read whatever is looked at. */
  readonly #pinned = new Set<string>();
  #needed: FramePlace | null = null;

  constructor(private readonly options: FrameReaderOptions) {}

  /** The present frame, then others one after the other. Requests for frames not named are cancelled. */
  want(present: FramePlace, next: readonly FramePlace[]): void {
    this.#needed = present;
    const keep = new Set([present, ...next].map(keyOf));
    for (const [key, { flight }] of this.#flying) {
      if (keep.has(key) || this.#pinned.has(key)) continue;
      flight.abort();
      this.#flying.delete(key);
    }
    void this.#readInTurn([present, ...next]);
  }

  async #readInTurn(places: readonly FramePlace[]): Promise<void> {
    const [first, ...rest] = places;
    for (const place of [first, ...rest]) {
      if (this.#needed !== first) return;
      await this.#read(place);
    }
  }

  #read(place: FramePlace): Promise<void> {
    const key = keyOf(place);
    const under = this.#flying.get(key);
    if (under) return under.done;
    if (this.options.isHere(place)) return Promise.resolve();
    const flight = new AbortController();
    const done = this.#ask(key, place, flight);
    this.#flying.set(key, { flight, done });
    return done;
  }

  async #ask(key: string, place: FramePlace, flight: AbortController): Promise<void> {
    try {
      const frame = await this.options.document.labels.readFrame(place, flight.signal);
      if (!flight.signal.aborted && !this.options.isHere(place)) this.options.onFrame(place, frame);
    } catch (error) {
      if (!flight.signal.aborted) this.options.onError(error);
    }
    if (this.#flying.get(key)?.flight === flight) this.#flying.delete(key);
  }

  /** Resolves when all are here; rejects with the first failure. */
  async ensure(places: readonly FramePlace[]): Promise<void> {
    for (const place of places) {
      this.#pinned.add(keyOf(place));
      await this.#read(place);
      this.#pinned.delete(keyOf(place));
      if (!this.options.isHere(place)) throw new Error(`Labels of frame t ${place.t}, z ${place.z} could not be read; try again.`);
    }
  }

  get isWaiting(): boolean {
    return this.#needed !== null && !this.options.isHere(this.#needed);
  }

  destroy(): void {
    this.#needed = null;
    for (const { flight } of this.#flying.values()) flight.abort();
    this.#flying.clear();
  }
}

const keyOf = ({ t, z }: FramePlace): string => `${t}/${z}`;
