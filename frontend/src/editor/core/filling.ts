/** A click with the fill tool. */
import { belongsTo, belongsToNone, floodStack, matching } from "./flood";
import type { Belongs } from "./flood";
import type { FrameLabels } from "./frame-labels";
import type { WriteMode } from "./frame-writer";
import { Refused } from "./refused";
import { reshapeCell } from "./reshaping";
import type { Transaction } from "./transaction";

/** A flood over open background would fill the slide. */
const MOST_FILL_PX = 2 ** 22;

export interface FillOptions {
  readonly mode: WriteMode;
  /** Only what is joined to the click; otherwise all pixels of the same label. */
  readonly contiguous: boolean;
  readonly diagonal: boolean;
}

export const PLAIN_FILL: FillOptions = { mode: "keep", contiguous: true, diagonal: false };

/**
 * On the cell itself its holes; on free ground the region bounded by labels; on another cell its connected part, by
 * write mode. `stack` are planes one on the other, `from` the one that was clicked; one plane is a stack as well. Only
 * cells of the channel that is drawn count.
 */
export function fillAt(tx: Transaction, stack: readonly FrameLabels[], from: number, x: number, y: number, cell: number, options: FillOptions): void {
  const channel = tx.store.facts.get(cell)?.channel ?? (tx.store.facts.has(cell) ? null : tx.guard.channel);
  const counts = (other: number): boolean => tx.guard.channelOf(other) === channel;
  const here = stack[from].cellsAt(x, y).filter((other) => other === cell || counts(other));
  if (here.includes(cell)) {
    tx.seal();
    for (const frame of stack) reshapeCell(tx, frame, cell, { kind: "fill-holes" }, options.mode);
    return;
  }
  const other = here[0] ?? 0;
  if (other !== 0) needYielding(tx, other, options.mode);
  const region = regionOf(stack, from, x, y, other === 0 ? belongsToNone(counts) : belongsTo(other), options);
  tx.ensure(cell);
  region.forEach((runs, i) => tx.on(stack[i].t, stack[i].z).paintRuns(cell, options.mode, runs));
}

function needYielding(tx: Transaction, other: number, mode: WriteMode): void {
  if (mode === "keep") throw new Refused(`This pixel belongs to cell ${other}, and the write mode keeps other cells; choose overwrite or overlap.`);
  if (mode === "overwrite") tx.guard.need(other);
}

function regionOf(stack: readonly FrameLabels[], from: number, x: number, y: number, belongs: Belongs, { contiguous, diagonal }: FillOptions): number[][] {
  if (contiguous) return floodStack(stack, from, x, y, belongs, { diagonal, most_px: MOST_FILL_PX });
  return stack.map((frame) => matching(frame, belongs, MOST_FILL_PX));
}
