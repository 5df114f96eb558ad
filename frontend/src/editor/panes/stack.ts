/** All planes of one time of a document: read once, kept in step with edits, shown by panes. */
import type { Frame } from "../core/frame";
import type { LabelDocument } from "../host";
import { LabelStack } from "./label-stack";
import { PixelStack, gridFor } from "./pixel-stack";

export interface StackOptions {
  readonly document: LabelDocument;
  readonly t: number;
  /** Labels that the editor has already, unsent edits included. */
  readonly labelsAt: (t: number, z: number) => Frame | null;
  readonly onError: (error: unknown) => void;
}

/** Browsers ask a server for six things at once; one is left for the picture. */
const AT_ONCE = 5;

export class Stack {
  readonly labels: LabelStack;
  pixels: PixelStack;
  /** Raised when something new is to be seen; of labels alone in `labelsVersion`. */
  version = 0;
  labelsVersion = 0;
  #labelsHere = 0;
  #wanted: readonly number[] = [];
  #done = 0;
  #toDo = 0;
  readonly #flight = new AbortController();
  readonly #listeners = new Set<() => void>();

  constructor(private readonly options: StackOptions) {
    const { document, t } = options;
    this.labels = new LabelStack(document.size);
    this.pixels = new PixelStack(document, t, gridFor(document, 1));
  }

  get t(): number {
    return this.options.t;
  }

  get document(): LabelDocument {
    return this.options.document;
  }

  /** Share of what was asked for that is here. */
  get fraction(): number {
    return this.#toDo === 0 ? 1 : this.#done / this.#toDo;
  }

  get labelsAreHere(): boolean {
    return this.#labelsHere === this.document.size.z;
  }

  /** Labels of every plane, the nearest to `z` first. */
  readLabels(z: number): Promise<void> {
    const planes = this.#outwards(this.document.size.z, z).filter((k) => !this.labels.has(k));
    return this.#inTurns(planes, (k) => this.#readLabels(k));
  }

  async #readLabels(z: number): Promise<void> {
    const { document, t, labelsAt } = this.options;
    this.#setLabels(z, labelsAt(t, z) ?? (await document.labels.readFrame({ t, z }, this.#flight.signal)));
  }

  #setLabels(z: number, frame: Frame): void {
    if (!this.labels.has(z)) this.#labelsHere++;
    this.labels.setPlane(z, frame);
    this.labelsVersion++;
  }

  /** Labels of these planes have changed in the editor. */
  takeAnew(planes: Iterable<number>): void {
    for (const z of planes) {
      const frame = this.options.labelsAt(this.t, z);
      if (frame) this.#setLabels(z, frame);
    }
    this.#tell();
  }

  /** Grey values of these channels; all anew where more of them need a coarser grid. */
  readPixels(channels: readonly number[], z: number): Promise<void> {
    const { document, t } = this.options;
    this.#wanted = channels;
    const grid = gridFor(document, channels.length);
    if (grid.level > this.pixels.grid.level || grid.z_step > this.pixels.grid.z_step) this.pixels = new PixelStack(document, t, grid);
    const missing = channels.filter((c) => !this.pixels.has(c));
    const { pixels } = this;
    const planes = this.#outwards(pixels.grid.depth, Math.floor(z / pixels.grid.z_step));
    const jobs = planes.flatMap((k) => missing.map((c) => ({ c, k })));
    return this.#inTurns(jobs, async ({ c, k }) => {
      if (this.pixels === pixels && this.#wanted.includes(c)) await pixels.readPlane(c, k, this.#flight.signal);
    });
  }

  #outwards(count: number, from: number): number[] {
    return Array.from({ length: count }, (_, k) => k).sort((a, b) => Math.abs(a - from) - Math.abs(b - from));
  }

  async #inTurns<Job>(jobs: readonly Job[], work: (job: Job) => Promise<void>): Promise<void> {
    this.#toDo += jobs.length;
    const queue = [...jobs];
    const turn = async (): Promise<void> => {
      for (let job = queue.shift(); job !== undefined && !this.#flight.signal.aborted; job = queue.shift()) await this.#try(() => work(job));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, turn));
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#flight.signal.aborted) this.options.onError(error);
    }
    this.#done++;
    if (!this.#flight.signal.aborted) this.#tell();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    this.version++;
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#flight.abort();
    this.#listeners.clear();
  }
}
