/** All labels of one document that are here: frames, facts. Changed only through a transaction or by the server. */
import { FactTable } from "./fact-table";
import { FrameLabels } from "./frame-labels";
import type { Frame } from "./frame";
import { KnownTiles } from "./known-tiles";
import type { Rect, TileKey } from "./geometry";

export interface LabelSize {
  readonly t: number;
  readonly z: number;
  readonly height: number;
  readonly width: number;
}

/** Pixels of a tile that look different now, in image pixels; for the view. */
export type ChangeListener = (t: number, z: number, key: TileKey, rect: Rect) => void;

export class LabelStore {
  readonly facts = new FactTable();
  /** Counts every change, so that lists made from the labels know when they are old. */
  version = 0;
  readonly #frames = new Map<number, FrameLabels>();

  constructor(
    readonly size: LabelSize,
    readonly onChange: ChangeListener = () => undefined,
  ) {}

  #key(t: number, z: number): number {
    return t * this.size.z + z;
  }

  frame(t: number, z: number): FrameLabels | undefined {
    return this.#frames.get(this.#key(t, z));
  }

  frames(): IterableIterator<FrameLabels> {
    return this.#frames.values();
  }

  setFrame(t: number, z: number, frame: Frame): FrameLabels {
    const labels = FrameLabels.of(frame, { t, z, height: this.size.height, width: this.size.width });
    this.#frames.set(this.#key(t, z), labels);
    this.version++;
    return labels;
  }

  /** A frame of which nothing is here yet, to be read by regions. */
  openPartly(t: number, z: number): FrameLabels {
    const labels = new FrameLabels(t, z, this.size.height, this.size.width, new KnownTiles());
    this.#frames.set(this.#key(t, z), labels);
    return labels;
  }

  forget(t: number, z: number): void {
    this.#frames.delete(this.#key(t, z));
  }

  get isComplete(): boolean {
    return this.#frames.size === this.size.t * this.size.z;
  }

  /** Whether the cell has pixels in frame t: by what is here, and where not all of it is, by what the server said. */
  isIn(cell: number, t: number): boolean {
    let isWhole = true;
    for (let z = 0; z < this.size.z; z++) {
      const frame = this.frame(t, z);
      if (frame?.has(cell) || frame?.coversCell(cell) === false) return true;
      isWhole &&= frame?.isWhole === true;
    }
    return !isWhole && this.facts.isIn(cell, t);
  }

  /** Frames in which the cell has pixels, ascending. */
  framesOf(cell: number): number[] {
    return Array.from({ length: this.size.t }, (_, t) => t).filter((t) => this.isIn(cell, t));
  }

  /** False only when the cell surely has no pixels outside the frame (t, z). */
  mayLiveElsewhere(cell: number, t: number, z: number): boolean {
    for (const frame of this.frames()) {
      if ((frame.t !== t || frame.z !== z) && frame.has(cell)) return true;
      if (!frame.coversCell(cell)) return true;
    }
    const extent = this.facts.extent(cell);
    if (this.isComplete || extent === undefined) return false;
    const only = extent.first_t === t && extent.last_t === t;
    return this.size.z > 1 || !only;
  }
}
