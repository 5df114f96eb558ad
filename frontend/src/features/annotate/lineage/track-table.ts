/** Every track of a branch as it is here, own unsent edits included: read once, then changed edit by edit. */
import { cutTo, NO_FACTS, rangesOf, subtract, unite, type CellFacts, type Edit, type FrameRanges } from "@/editor";

export interface TrackRow {
  readonly cell: number;
  readonly first_t: number;
  readonly last_t: number;
  readonly gaps: readonly (readonly number[])[];
  readonly facts: Partial<CellFacts>;
}

export interface Track {
  readonly cell: number;
  readonly spans: FrameRanges;
  readonly facts: CellFacts;
}

/** Whether a cell has pixels in a frame that has just been edited; null where that cannot be told from here. */
export type Asked = (cell: number, t: number) => boolean | null;

/** So many changes are remembered one by one. */
const REMEMBERED = 64;

export class TrackTable {
  readonly #tracks = new Map<number, Track>();
  /** Cells that the newest changes touched; the last entry is that of the present version. */
  #touched: (readonly number[])[] = [];
  /** Counts changes. */
  version = 0;

  load(rows: readonly TrackRow[]): void {
    this.#tracks.clear();
    this.#touched = [];
    for (const { cell, first_t, last_t, gaps, facts } of rows) {
      this.#tracks.set(cell, { cell, spans: rangesOf(first_t, last_t, gaps), facts: { ...NO_FACTS, ...facts } });
    }
    this.version++;
  }

  /** Cells that may have changed after a version; null where that is no longer known. */
  touchedSince(version: number): readonly number[] | null {
    const steps = this.version - version;
    return steps < 0 || steps > this.#touched.length ? null : this.#touched.slice(this.#touched.length - steps).flat();
  }

  get size(): number {
    return this.#tracks.size;
  }

  get(cell: number): Track | undefined {
    const track = this.#tracks.get(cell);
    return track && track.spans.length > 0 ? track : undefined;
  }

  /** Those that have a frame. */
  *all(): Iterable<Track> {
    for (const track of this.#tracks.values()) if (track.spans.length > 0) yield track;
  }

  /** After an edit was made in the picture. False: some frame could not be told; the server knows when it has it. */
  apply(edit: Edit, asked: Asked): boolean {
    for (const { cell, after } of edit.cells) {
      if (after !== null) this.#tracks.set(cell, { cell, spans: this.#tracks.get(cell)?.spans ?? [], facts: after });
    }
    this.#move(edit.moves ?? []);
    // What goes under another name has gone by now.
    for (const { cell, after } of edit.cells) if (after === null) this.#tracks.delete(cell);
    const told = edit.pixels.map(({ cell, t, add }) => this.#draw(cell, t, add.length > 0 ? true : asked(cell, t)));
    this.#remember(edit);
    return told.every(Boolean);
  }

  #remember({ cells, moves, pixels }: Edit): void {
    const touched = new Set([...cells.map(({ cell }) => cell), ...pixels.map(({ cell }) => cell)]);
    for (const { cell, to } of moves ?? []) touched.add(cell).add(to);
    this.#touched = [...this.#touched.slice(1 - REMEMBERED), [...touched]];
    this.version++;
  }

  /** At once: what is taken away is taken before anything is laid down. */
  #move(moves: NonNullable<Edit["moves"]>): void {
    const taken = moves.map(({ cell, first, last }) => cutTo(this.#spans(cell), first, last));
    for (const { cell, first, last } of moves) this.#set(cell, subtract(this.#spans(cell), first, last));
    moves.forEach(({ to }, i) => this.#set(to, unite(this.#spans(to), taken[i] ?? [])));
  }

  #draw(cell: number, t: number, there: boolean | null): boolean {
    if (there === null) return false;
    const spans = this.#spans(cell);
    this.#set(cell, there ? unite(spans, [t, t]) : subtract(spans, t, t));
    return true;
  }

  #spans(cell: number): FrameRanges {
    return this.#tracks.get(cell)?.spans ?? [];
  }

  #set(cell: number, spans: FrameRanges): void {
    const track = this.#tracks.get(cell);
    if (track) this.#tracks.set(cell, { ...track, spans });
  }
}
