/**
 * Moves: the pixels of one cell in a range of frames become those of another, whatever they are. The moves of one edit
 * happen at once, so two of them swap two cells; in one frame they are a renaming that never brings two cells together.
 */
import type { TileContent } from "./frame";
import { combine } from "./runs";

/** `first` and `last` are both included, with all their planes. */
export interface CellMove {
  readonly cell: number;
  readonly to: number;
  readonly first: number;
  readonly last: number;
}

/** Name before → name after, in one frame. */
export type Names = ReadonlyMap<number, number>;

/** The moves that take these back. */
export const turned = (moves: readonly CellMove[]): CellMove[] => moves.map(({ cell, to, first, last }) => ({ cell: to, to: cell, first, last }));

export const namesIn = (moves: readonly CellMove[], t: number): Names =>
  new Map(moves.filter(({ first, last }) => first <= t && t <= last).map(({ cell, to }) => [cell, to]));

export const nameIn = (moves: readonly CellMove[], cell: number, t: number): number => namesIn(moves, t).get(cell) ?? cell;

/** Every cell that is moved or moved onto. */
export const cellsMoved = (moves: readonly CellMove[] = []): number[] => [...new Set(moves.flatMap(({ cell, to }) => [cell, to]))];

/** Cells that stay where a move wants to bring another. */
export function inTheWay(moves: readonly CellMove[], t: number): number[] {
  const names = namesIn(moves, t);
  return [...names.values()].filter((to) => !names.has(to));
}

/** The moves that do what `first` and then `second` do; what comes back to its name is left out. */
export function composeMoves(first: readonly CellMove[], second: readonly CellMove[]): CellMove[] {
  const both = [...first, ...second];
  const edges = [...new Set(both.flatMap((move) => [move.first, move.last + 1]))].sort((a, b) => a - b);
  const pieces = edges.slice(0, -1).flatMap((begin, i) =>
    [...composeNames(namesIn(first, begin), namesIn(second, begin))].flatMap(([cell, to]) => (cell === to ? [] : [{ cell, to, first: begin, last: edges[i + 1] - 1 }])),
  );
  return joinMoves(pieces);
}

/** Legal moves say which cells have no pixels: those whose name another is given. They are left out. */
function composeNames(one: Names, two: Names): Names {
  const arrived = new Set(one.values());
  const isEmpty = (cell: number): boolean => !two.has(cell) && [...two.values()].includes(cell);
  const names = new Map([...one].filter(([, to]) => !isEmpty(to)).map(([cell, to]) => [cell, two.get(to) ?? to]));
  for (const [cell, to] of two) if (!one.has(cell) && !arrived.has(cell)) names.set(cell, to);
  return names;
}

/** Ranges of one pair that follow on each other made one; by cell and frame. */
export function joinMoves(pieces: readonly CellMove[]): CellMove[] {
  const joined: CellMove[] = [];
  for (const piece of [...pieces].sort((a, b) => a.cell - b.cell || a.to - b.to || a.first - b.first)) {
    const before = joined.at(-1);
    if (before?.cell === piece.cell && before.to === piece.to && before.last + 1 >= piece.first) joined[joined.length - 1] = { ...before, last: Math.max(before.last, piece.last) };
    else joined.push(piece);
  }
  return joined.sort((a, b) => a.cell - b.cell || a.first - b.first || a.to - b.to);
}

/** The moves less the frames that are named. */
export function without(moves: readonly CellMove[], frames: ReadonlySet<number>): CellMove[] {
  if (frames.size === 0) return [...moves];
  const pieces: CellMove[] = [];
  for (const move of moves) {
    for (let t = move.first; t <= move.last; t++) if (!frames.has(t)) pieces.push({ ...move, first: t, last: t });
  }
  return joinMoves(pieces);
}

/** The tile with its cells renamed; cells that come together share what they had. */
export function renameContent(content: TileContent, names: Names): TileContent {
  if (!content.ids.some((cell) => names.has(cell))) return content;
  const lines = new Map<number, number[]>();
  let run = 0;
  content.ids.forEach((cell, i) => {
    const line: number[] = [];
    for (const end = run + content.counts[i]; run < end; run++) line.push(content.starts[run], content.starts[run] + content.lengthsMinus1[run] + 1);
    const to = names.get(cell) ?? cell;
    const there = lines.get(to);
    lines.set(to, there ? combine(there, line, (a, b) => a || b) : line);
  });
  const sorted = [...lines].sort((a, b) => a[0] - b[0]);
  const flat = sorted.flatMap(([, line]) => line);
  const starts = flat.filter((_, i) => i % 2 === 0);
  return {
    ids: Uint32Array.from(sorted, ([cell]) => cell),
    counts: Uint32Array.from(sorted, ([, line]) => line.length / 2),
    starts: Uint16Array.from(starts),
    lengthsMinus1: Uint16Array.from(starts, (start, i) => flat[2 * i + 1] - start - 1),
  };
}
