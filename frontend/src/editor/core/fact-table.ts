/** Which cells exist, and what is known of them beside their pixels. */
import { sameFacts } from "./edit";
import type { CellFacts } from "./edit";

/** One cell as the server knows it; frames where it is seen, when known. */
export interface CellRecord {
  readonly cell: number;
  readonly facts: CellFacts;
  readonly first_t?: number;
  readonly last_t?: number;
}

export class FactTable {
  readonly #facts = new Map<number, CellFacts>();
  readonly #daughters = new Map<number, Set<number>>();
  /** Frames of a cell as the server said at the start; absent for cells made since. */
  readonly #extents = new Map<number, CellRecord>();
  /** Largest id ever seen. */
  top = 0;
  /** Counts changes. */
  version = 0;
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
      this.#extents.set(record.cell, record);
    }
  }

  /** Forgets all and begins with these. */
  reload(records: readonly CellRecord[]): void {
    this.#facts.clear();
    this.#daughters.clear();
    this.#locked = 0;
    this.#channelled = 0;
    this.#marked.clear();
    this.#extents.clear();
    this.version++;
    this.load(records);
  }

  /** Its facts are no longer here; they can be read again. */
  forget(cell: number): void {
    this.set(cell, null);
    this.#extents.delete(cell);
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
    if (facts?.mother != null) this.#adopt(facts.mother, cell);
    this.#locked += Number(facts?.locked ?? false) - Number(before?.locked ?? false);
    if (facts?.locked || facts?.ignored) this.#marked.add(cell);
    else this.#marked.delete(cell);
    this.#channelled += Number(facts != null && facts.channel !== null) - Number(before !== null && before.channel !== null);
    this.top = Math.max(this.top, cell);
    this.version++;
    return true;
  }

  #adopt(mother: number, daughter: number): void {
    const daughters = this.#daughters.get(mother) ?? new Set();
    this.#daughters.set(mother, daughters.add(daughter));
  }

  daughtersOf(cell: number): readonly number[] {
    return [...(this.#daughters.get(cell) ?? [])].sort((a, b) => a - b);
  }

  extent(cell: number): CellRecord | undefined {
    return this.#extents.get(cell);
  }

  entries(): [number, CellFacts][] {
    return [...this.#facts].sort((a, b) => a[0] - b[0]);
  }
}
