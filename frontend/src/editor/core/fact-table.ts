/** Which cells exist, and what is known of them beside their pixels. */
import { sameFacts } from "./edit";
import type { CellFacts } from "./edit";
import { holds, moveRanges, rangesOf, unite } from "./frame-ranges";
import type { FrameRanges } from "./frame-ranges";
import type { CellMove } from "./moves";

/** One cell as the server knows it; frames where it is seen, when known. */
export interface CellRecord {
  readonly cell: number;
  readonly facts: CellFacts;
  readonly first_t?: number;
  readonly last_t?: number;
  /** Frames between these in which it is missing: first and last of each gap. */
  readonly gaps?: readonly (readonly [number, number])[];
}

/** A moment in the life of one table of facts. */
export interface FactMark {
  readonly of: object;
  readonly version: number;
}

export interface FactsTouched {
  /** Now. */
  readonly mark: FactMark;
  /** Whose facts may have changed since the mark that was asked about; null: that is no longer known. */
  readonly cells: readonly number[] | null;
}

/** So many changes are remembered one by one. */
const REMEMBERED = 4_096;

export class FactTable {
  readonly #facts = new Map<number, CellFacts>();
  readonly #daughters = new Map<number, Set<number>>();
  readonly #merged = new Map<number, Set<number>>();
  /** Frames of a cell as the server said at the start, moved as it was moved since; absent for cells drawn since. */
  readonly #frames = new Map<number, FrameRanges>();
  /** Largest id ever seen. */
  top = 0;
  /** Counts changes. */
  version = 0;
  /** The cell of each of the newest changes, or of none; the last is that of the present version. */
  #log: (number | null)[] = [];
  #locked = 0;
  #channelled = 0;

  readonly #marked = new Set<number>();

  /** Cells that are locked or ignored: what the view draws upon them. */
  get marked(): ReadonlySet<number> {
    return this.#marked;
  }

  /** Cells that are locked. */
  get lockedCount(): number {
    return this.#locked;
  }

  /** Cells that outline the structure of one channel, not the whole cell. */
  get channelledCount(): number {
    return this.#channelled;
  }

  load(records: readonly CellRecord[]): void {
    for (const record of records) {
      this.set(record.cell, record.facts);
      this.#frames.set(record.cell, rangesOf(record.first_t ?? 0, record.last_t ?? Infinity, record.gaps));
    }
  }

  /** Forgets all and begins with these. */
  reload(records: readonly CellRecord[]): void {
    this.#facts.clear();
    this.#daughters.clear();
    this.#locked = 0;
    this.#channelled = 0;
    this.#merged.clear();
    this.#marked.clear();
    this.#frames.clear();
    this.#log = [];
    this.version++;
    this.load(records);
  }

  /** Its facts are no longer here; they can be read again. */
  forget(cell: number): void {
    this.set(cell, null);
    this.#frames.delete(cell);
  }

  get(cell: number): CellFacts | null {
    return this.#facts.get(cell) ?? null;
  }

  has(cell: number): boolean {
    return this.#facts.has(cell);
  }

  /** Null deletes. Answers whether anything changed. */
  set(cell: number, facts: CellFacts | null): boolean {
    const before = this.get(cell);
    if (sameFacts(before, facts)) return false;
    if (before?.mother != null) this.#daughters.get(before.mother)?.delete(cell);
    if (facts === null) this.#facts.delete(cell);
    else this.#facts.set(cell, facts);
    if (facts?.mother != null) add(this.#daughters, facts.mother, cell);
    if (before?.merged_into != null) this.#merged.get(before.merged_into)?.delete(cell);
    if (facts?.merged_into != null) add(this.#merged, facts.merged_into, cell);
    this.#locked += Number(facts?.locked ?? false) - Number(before?.locked ?? false);
    if (facts?.locked || facts?.ignored) this.#marked.add(cell);
    else this.#marked.delete(cell);
    this.#channelled += Number(facts != null && facts.channel !== null) - Number(before !== null && before.channel !== null);
    this.top = Math.max(this.top, cell);
    this.#count(cell);
    return true;
  }

  #count(cell: number | null): void {
    this.version++;
    this.#log.push(cell);
    if (this.#log.length > 2 * REMEMBERED) this.#log = this.#log.slice(-REMEMBERED);
  }

  /** Whose facts have changed after a mark of this table. */
  touchedSince(mark: FactMark | null): FactsTouched {
    const now = { of: this, version: this.version };
    const steps = mark?.of === this ? this.version - mark.version : Infinity;
    if (steps > this.#log.length) return { mark: now, cells: null };
    const cells = this.#log.slice(this.#log.length - steps).filter((cell) => cell !== null);
    return { mark: now, cells: [...new Set(cells)] };
  }

  daughtersOf(cell: number): readonly number[] {
    return [...(this.#daughters.get(cell) ?? [])].sort((a, b) => a - b);
  }

  /** Cells that merge into this one, ascending. */
  mergedInto(cell: number): readonly number[] {
    return [...(this.#merged.get(cell) ?? [])].sort((a, b) => a - b);
  }

  // ------------------------------------------------------------ frames

  /** First and last frame as the server knows them; undefined for a cell that it does not have. */
  extent(cell: number): { readonly first_t: number; readonly last_t: number } | undefined {
    const frames = this.#frames.get(cell);
    return frames === undefined || frames.length === 0 ? undefined : { first_t: frames[0], last_t: frames[frames.length - 1] };
  }

  /** Whether the server has the cell in this frame. */
  isIn(cell: number, t: number): boolean {
    return holds(this.#frames.get(cell) ?? [], t);
  }

  /** Somebody drew it in a frame that is not here. */
  sayIn(cell: number, t: number): void {
    this.#frames.set(cell, unite(this.#frames.get(cell) ?? [], [t, t]));
  }

  /** The frames go with the moves. */
  move(moves: readonly CellMove[]): void {
    moveRanges(this.#frames, moves);
    this.#count(null);
  }

  entries(): [number, CellFacts][] {
    return [...this.#facts].sort((a, b) => a[0] - b[0]);
  }
}

function add(lists: Map<number, Set<number>>, of: number, cell: number): void {
  lists.set(of, (lists.get(of) ?? new Set()).add(cell));
}
