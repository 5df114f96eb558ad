/** In which order cells stand in the grid, and what a click, a Ctrl-click and a Shift-click choose. */

/** Qualities, disagreements and flags of all cells as they are at present. */
export interface ReviewFacts {
  /** NaN: nobody said. */
  readonly quality: Float32Array;
  /** The part of a cell's likes that have another class; NaN: it has none. */
  readonly disagreement: Float32Array;
  readonly flags: Uint8Array;
}

export const IGNORED = 1;
export const LOCKED = 2;
export const UNCERTAIN = 4;

export function unpackReview(bytes: ArrayBuffer, count: number): ReviewFacts {
  return { quality: new Float32Array(bytes, 0, count), disagreement: new Float32Array(bytes, 4 * count, count), flags: new Uint8Array(bytes, 8 * count, count) };
}

/** Cells that pass, by their value; those without a value (NaN) come last, whichever way. Equal ones stay in their order. */
export function inOrder(values: ArrayLike<number>, descending: boolean, passes: (row: number) => boolean): Int32Array {
  const rows = Array.from({ length: values.length }, (_, row) => row).filter(passes);
  const key = (row: number): number => {
    const value = values[row] ?? Number.NaN;
    return Number.isNaN(value) ? Infinity : descending ? -value : value;
  };
  return Int32Array.from(rows.sort((a, b) => compare(key(a), key(b)) || a - b));
}

const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

export interface Picking {
  readonly chosen: ReadonlySet<number>;
  /** Where a range begins: a place in the order. */
  readonly anchor: number | null;
}

/** A click chooses one, with Ctrl it adds or takes away, with Shift it chooses all from the last one to here. */
export function pick({ chosen, anchor }: Picking, order: ArrayLike<number>, place: number, keys: { shift: boolean; ctrl: boolean }): Picking {
  const number = order[place];
  if (number === undefined) return { chosen, anchor };
  if (keys.shift && anchor !== null) {
    const [from, to] = [Math.min(anchor, place), Math.max(anchor, place)];
    const range = Array.from({ length: to - from + 1 }, (_, i) => order[from + i] ?? number);
    return { chosen: new Set([...(keys.ctrl ? chosen : []), ...range]), anchor };
  }
  if (!keys.ctrl) return { chosen: new Set([number]), anchor: place };
  const next = new Set(chosen);
  if (!next.delete(number)) next.add(number);
  return { chosen: next, anchor: place };
}

/** Filters of an attribute beside its values: cells of which somebody said one, and those of which nobody did. */
export const SAID = "said";
export const UNSAID = "unsaid";

/** Does a cell with this value (a place in the texts, NaN: nobody said) pass a filter? `=text` asks for one value. */
export function isShown(value: number, wanted: string | undefined, texts: readonly string[]): boolean {
  if (wanted === undefined) return true;
  if (wanted === SAID || wanted === UNSAID) return Number.isNaN(value) === (wanted === UNSAID);
  return texts[value] === wanted.slice(1);
}
