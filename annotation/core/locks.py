"""Locked cells: nothing changes their pixels or facts but the edit that unlocks them."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from annotation.core import intervals
from annotation.core.edit_values import CellChange, CellFacts, Edit
from annotation.core.intervals import Intervals
from annotation.core.tile_content import CELL_STRIDE, TileContent, from_intervals, to_intervals


class CellsLocked(ValueError):
    """An edit changes cells that are locked."""

    def __init__(self, message: str, cells: Sequence[int]) -> None:
        super().__init__(message)
        self.cells = tuple(cells)


def check(edits: Sequence[Edit], locked: Collection[int]) -> None:
    """Raise CellsLocked when one of these edits, applied in order, changes a cell that is locked then.

    `locked` are the cells locked before the first. An edit may unlock a cell and change it at once; one that
    only did not know of the lock does not unlock it.
    """
    closed = set(locked)
    for edit in edits:
        unlocked = {change.cell for change in edit.cells if _unlocks(change)}
        touched = cells_changed(edit)
        refused = sorted((touched & closed) - unlocked)
        if refused:
            names = ", ".join(map(str, refused[:10])) + (" and others" if len(refused) > 10 else "")
            raise CellsLocked(f"Cell {names} is locked; unlock it before changing it.", refused)
        closed -= unlocked
        closed |= {c.cell for c in edit.cells if c.after is not None and c.after.locked}


def cells_changed(edit: Edit) -> set[int]:
    """Cells whose pixels or facts the edit changes."""
    moved = {cell for move in edit.moves for cell in (move.cell, move.to)}
    return {p.cell for p in edit.pixels} | {c.cell for c in edit.cells} | moved


def _unlocks(change: CellChange) -> bool:
    before, after = change.before, change.after
    return before is not None and before.locked and after is not None and not after.locked


# ---------------------------------------------------------------- whole frames that are written anew


def held(facts: Mapping[int, CellFacts]) -> set[int]:
    """The locked cells, and those that they name as mother or as what they merged into: none may vanish."""
    found: set[int] = set()
    coming = {cell for cell, known in facts.items() if known.locked}
    while coming:
        found |= coming
        named = {one for cell in coming for one in (facts[cell].mother, facts[cell].merged_into)}
        coming = {one for one in named if one is not None and one in facts} - found
    return found


def kept_in_tile(
    now: TileContent, coming: TileContent, cells: Collection[int], channels: Mapping[int, int | None]
) -> TileContent:
    """`coming` in the place of `now`, but with the pixels of `cells` as they are now.

    Where such a cell lies no other one of its channel begins to lie; what overlaps it already may go on.
    `channels`: {cell: channel of its mask}, None and left out: the whole cell.
    """
    here, there = to_intervals(now), to_intervals(coming)
    held_now = _of(here, cells)
    free = intervals.difference(there, _of(there, cells))
    under: list[Intervals] = []
    for channel in {channels.get(int(cell)) for cell in np.unique(held_now.starts // CELL_STRIDE)}:
        masks = [int(cell) for cell in now.ids if channels.get(int(cell)) == channel]
        covered = _pixels(_of(held_now, masks))
        under += [_shifted(covered, int(c)) for c in coming.ids if channels.get(int(c)) == channel]
    for one in under:
        free = intervals.difference(free, intervals.difference(one, here))
    return from_intervals(intervals.union(held_now, free))


def _of(these: Intervals, cells: Iterable[int]) -> Intervals:
    chosen = np.isin(these.starts // CELL_STRIDE, list(cells))
    return Intervals(these.starts[chosen], these.ends[chosen])


def _pixels(these: Intervals) -> Intervals:
    """Pixels of a tile that any of the cells has."""
    shift = these.starts // CELL_STRIDE * CELL_STRIDE
    return intervals.union_of(these.starts - shift, these.ends - shift)


def _shifted(pixels: Intervals, cell: int) -> Intervals:
    return Intervals(pixels.starts + cell * CELL_STRIDE, pixels.ends + cell * CELL_STRIDE)


def names(cells: Collection[int]) -> str:
    """`Cells 3, 4 and 2 more`."""
    first = ", ".join(map(str, sorted(cells)[:10]))
    more = f" and {len(cells) - 10} more" if len(cells) > 10 else ""
    return f"Cell{'s' if len(cells) > 1 else ''} {first}{more}"
