/** What may be written on: locks of cells and classes, and masks of other channels. */
import { classesOf } from "./cell-labels";
import { NO_FACTS } from "./edit";
import type { CellFacts, Edit } from "./edit";
import type { FactTable } from "./fact-table";
import { cellsMoved } from "./moves";
import type { Meeting } from "./pixel-sets";
import { Refused } from "./refused";

/** How the hand that draws is set. */
export interface Hand {
  /** Classes whose cells it leaves as they are. */
  readonly lockedClasses: ReadonlySet<string>;
  /** Facts of a cell that it makes: among them the channel that masks are drawn for. */
  readonly birth: CellFacts;
}

export const FREE_HAND: Hand = { lockedClasses: new Set(), birth: NO_FACTS };

const MOST_NAMED = 5;

export class Guard {
  constructor(
    private readonly facts: FactTable,
    /** Null: lays what is already decided (undo, other people's edits), so that locks do not count. */
    private readonly hand: Hand | null,
  ) {}

  /** No cell is locked or of a channel: pixels can be written without asking whose they are. */
  get isPlain(): boolean {
    return this.facts.channelledCount === 0 && !this.hasLocks;
  }

  private get hasLocks(): boolean {
    return this.hand !== null && (this.facts.lockedCount > 0 || this.hand.lockedClasses.size > 0);
  }

  /** The channel that the hand draws for. */
  get channel(): number | null {
    return this.hand?.birth.channel ?? null;
  }

  isLocked(cell: number): boolean {
    return this.hand !== null && lockOf(this.facts.get(cell), this.hand) !== null;
  }

  /** Throws Refused when one of them is locked, and names it. */
  need(...cells: readonly number[]): void {
    if (this.hand === null || !this.hasLocks) return;
    const locked = cells.filter((cell) => this.isLocked(cell));
    if (locked.length > 0) throw new Refused(lockedSentence(this.facts, this.hand, locked));
  }

  /** Facts of a locked cell change only by unlocking it. */
  needFacts(cell: number, after: CellFacts | null): void {
    if (this.hand === null) return;
    const lock = lockOf(this.facts.get(cell), this.hand);
    const unlocks = lock === "cell" && after?.locked === false;
    if (lock !== null && !unlocks) throw new Refused(lockedSentence(this.facts, this.hand, [cell]));
  }

  /** How other cells take a write for this channel. */
  meeting(channel: number | null, own = 0): Meeting {
    return (other) => {
      if (other === own || (this.facts.get(other)?.channel ?? null) !== channel) return "passes";
      return this.isLocked(other) ? "holds" : "yields";
    };
  }

  channelOf(cell: number): number | null {
    return this.facts.get(cell)?.channel ?? null;
  }
}

/** An edit taken back or done again must not change what somebody has locked since, unless it is that lock. */
export function needOpen(facts: FactTable, edit: Edit): void {
  if (facts.lockedCount === 0) return;
  const unlocked = new Set(edit.cells.filter((c) => c.after?.locked === false).map((c) => c.cell));
  const touched = [...new Set([...[...edit.pixels, ...edit.cells].map((change) => change.cell), ...cellsMoved(edit.moves)])];
  const locked = touched.filter((cell) => facts.get(cell)?.locked && !unlocked.has(cell));
  if (locked.length > 0) throw new Refused(lockedSentence(facts, FREE_HAND, locked));
}

function lockOf(facts: CellFacts | null, hand: Hand): "cell" | "class" | null {
  if (facts?.locked) return "cell";
  return classesOf(facts).some((one) => hand.lockedClasses.has(one)) ? "class" : null;
}

function lockedSentence(facts: FactTable, hand: Hand, cells: readonly number[]): string {
  const byClass = cells.every((cell) => lockOf(facts.get(cell), hand) === "class");
  const more = cells.length > MOST_NAMED ? ` and ${cells.length - MOST_NAMED} more` : "";
  const names = `${cells.slice(0, MOST_NAMED).join(", ")}${more}`;
  if (byClass) return cells.length === 1 ? `The class of cell ${names} is locked; unlock the class first.` : `The classes of cells ${names} are locked; unlock the classes first.`;
  return cells.length === 1 ? `Cell ${names} is locked; unlock it first.` : `Cells ${names} are locked; unlock them first.`;
}
