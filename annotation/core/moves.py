"""Moves: the pixels of one cell in a range of frames become those of another, whatever they are.

The moves of one edit happen at once, so two of them swap two cells. In one frame they are a renaming that
never brings two cells together, which is why the inverse is the same moves turned round.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from annotation.core.edit_values import CellMove, Edit, InvalidEdit
from annotation.core.intervals import union_of
from annotation.core.tile_content import TileContent, from_intervals, to_intervals

Names = Mapping[int, int]
"""What the cells of one frame are called after the moves: name before → name after."""


class NotOneEdit(ValueError):
    """Two edits cannot be said as one: one moves a cell that the other draws on in the same frame."""


class CellInTheWay(ValueError):
    """A cell is moved to where its new name has pixels that stay."""

    def __init__(self, message: str, cells: Sequence[int]) -> None:
        super().__init__(message)
        self.cells = tuple(cells)


def turned(moves: Iterable[CellMove]) -> tuple[CellMove, ...]:
    """The moves that take these back."""
    return tuple(CellMove(m.to, m.cell, m.first, m.last) for m in moves)


def names_in(moves: Iterable[CellMove], t: int) -> dict[int, int]:
    """How the moves rename the cells of frame t."""
    return {m.cell: m.to for m in moves if m.first <= t <= m.last}


def stretches(moves: Sequence[CellMove]) -> Iterator[tuple[int, int]]:
    """Ranges of frames (first, last) in which none of the moves begins or ends, ascending; where none holds
    they are left out."""
    edges = sorted({m.first for m in moves} | {m.last + 1 for m in moves})
    for first, end in pairwise(edges):
        if any(m.first <= first <= m.last for m in moves):
            yield first, end - 1


def composed(first: Sequence[CellMove], second: Sequence[CellMove]) -> tuple[CellMove, ...]:
    """The moves that do what `first` and then `second` do; what comes back to its name is left out."""
    pieces = []
    for begin, end in stretches([*first, *second]):
        names = composed_names(names_in(first, begin), names_in(second, begin))
        pieces += [CellMove(cell, to, begin, end) for cell, to in names.items() if cell != to]
    return joined(pieces)


def composed_names(one: Names, two: Names) -> dict[int, int]:
    """Legal moves say which cells have no pixels: those whose name another is given. They are left out."""
    arrived, empty = set(one.values()), set(two.values()) - two.keys()
    names = {cell: two.get(to, to) for cell, to in one.items() if to not in empty}
    return names | {cell: to for cell, to in two.items() if cell not in one and cell not in arrived}


def joined(pieces: Iterable[CellMove]) -> tuple[CellMove, ...]:
    """The same moves with ranges that follow on each other made one; by cell and frame."""
    by_pair: dict[tuple[int, int], list[CellMove]] = defaultdict(list)
    for piece in sorted(pieces, key=lambda m: m.first):
        before = by_pair[piece.cell, piece.to]
        if before and before[-1].last + 1 >= piece.first:
            before[-1] = CellMove(piece.cell, piece.to, before[-1].first, max(before[-1].last, piece.last))
        else:
            before.append(piece)
    return tuple(sorted((m for several in by_pair.values() for m in several), key=_place))


def _place(move: CellMove) -> tuple[int, int, int]:
    return move.cell, move.first, move.to


def check(edit: Edit) -> None:
    """Raise InvalidEdit when the moves of an edit cannot happen at once, or meet what it draws or ends."""
    by_cell, by_name = defaultdict(list), defaultdict(list)
    for i, move in enumerate(edit.moves):
        by_cell[move.cell].append((move.first, move.last, i))
        by_name[move.to].append((move.first, move.last, i))
    for cell, ranges in (*by_cell.items(), *by_name.items()):
        _check_apart(cell, sorted(ranges))
    _check_life(edit, by_cell.keys(), by_name.keys())
    named = {
        cell: sorted(by_cell.get(cell, []) + by_name.get(cell, []))
        for cell in by_cell.keys() | by_name.keys()
    }
    for i, change in enumerate(edit.pixels):
        if any(first <= change.t <= last for first, last, _ in named.get(change.cell, ())):
            raise InvalidEdit(
                f"pixels[{i}]: cell {change.cell} is drawn on and moved in frame {change.t} at once."
            )


def _check_apart(cell: int, ranges: Sequence[tuple[int, int, int]]) -> None:
    for (_, last, _), (first, _, i) in pairwise(ranges):
        if first <= last:
            raise InvalidEdit(f"moves[{i}]: cell {cell} is named by two moves in frame {first}.")


def _check_life(edit: Edit, left: Iterable[int], reached: Iterable[int]) -> None:
    born = {c.cell for c in edit.cells if c.before is None} & set(left)
    gone = {c.cell for c in edit.cells if c.after is None} & set(reached)
    if born:
        raise InvalidEdit(f"moves: cell {min(born)} is made here and has nothing to move.")
    if gone:
        raise InvalidEdit(f"moves: cell {min(gone)} is deleted here and can be given nothing.")


def check_apart_from_pixels(moves: Iterable[CellMove], edit: Edit) -> None:
    """Raise NotOneEdit when the edit draws on a cell in a frame where the moves name it."""
    moves = tuple(moves)
    for p in edit.pixels:
        if any(m.first <= p.t <= m.last and p.cell in (m.cell, m.to) for m in moves):
            raise NotOneEdit(
                f"Cell {p.cell} is moved by one edit and drawn on by another in frame {p.t}: they stay two."
            )


# ---------------------------------------------------------------- tiles


def in_the_way(content: TileContent, names: Names) -> list[int]:
    """Cells of the tile that stay where a move wants to bring another, ascending."""
    staying = set(names.values()) - names.keys()
    return sorted(staying.intersection(content.ids.tolist())) if staying else []


def check_free(content: TileContent, names: Names, *, t: int) -> None:
    """Raise CellInTheWay when a cell of the tile, in frame t, stays where a move wants to bring another."""
    cells = in_the_way(content, names)
    if cells:
        raise CellInTheWay(
            f"Cell {cells[0]} has pixels in frame {t}; nothing can be moved onto it there.", cells
        )


def rename(content: TileContent, names: Names) -> TileContent:
    """The tile with its cells renamed; cells that come together share what they had."""
    ids = np.asarray([names.get(cell, cell) for cell in content.ids.tolist()], np.uint32)
    if np.array_equal(ids, content.ids):
        return content
    order = np.argsort(ids, kind="stable")
    if (np.diff(ids[order]) == 0).any():
        return _merged(content, ids)
    run = np.argsort(np.repeat(ids, content.counts), kind="stable")
    return TileContent(ids[order], content.counts[order], content.starts[run], content.lengths[run])


def _merged(content: TileContent, ids: NDArray[np.uint32]) -> TileContent:
    shifted = TileContent(ids, content.counts, content.starts, content.lengths)
    return from_intervals(union_of(*to_intervals(shifted)))
