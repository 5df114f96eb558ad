"""Locked cells: nothing changes their pixels or facts but the edit that unlocks them."""

from collections.abc import Collection, Sequence

from annotation.core.edit_values import CellChange, Edit


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
