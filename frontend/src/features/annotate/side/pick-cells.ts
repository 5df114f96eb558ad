/** Which cells are selected after a click in the list, as lists do it everywhere. */
export interface Pick {
  readonly cell: number;
  /** Ctrl or Cmd: this one more, or less. */
  readonly toggle: boolean;
  /** Shift: all from the last one picked to this one, as they are listed. */
  readonly range: boolean;
}

/** The first is the one that tools work on: the one picked last. */
export function pickCells(listed: readonly number[], selected: readonly number[], anchor: number | null, { cell, toggle, range }: Pick): number[] {
  if (range) return [cell, ...between(listed, anchor ?? selected[0] ?? cell, cell).filter((other) => other !== cell)];
  if (!toggle) return [cell];
  return selected.includes(cell) ? selected.filter((other) => other !== cell) : [cell, ...selected];
}

function between(listed: readonly number[], from: number, to: number): number[] {
  const [a, b] = [listed.indexOf(from), listed.indexOf(to)];
  return a < 0 ? [to] : listed.slice(Math.min(a, b), Math.max(a, b) + 1);
}
