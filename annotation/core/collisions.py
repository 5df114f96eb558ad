"""Where a stale edit and a newer one really collide."""

from collections.abc import Iterable, Sequence

from annotation.core import intervals
from annotation.core.edit_values import CellChange, Collision, Edit, PixelChange, Runs
from annotation.core.intervals import Intervals
from annotation.core.runs import intervals_of_runs


def find_collisions(stale: Sequence[Edit], newer: Sequence[Edit]) -> list[Collision]:
    """Where edits made from an older base really collide with newer ones.

    That is: the same cell in the same frame, the same pixel added, the facts of one cell changed to different
    values, or a cell made or deleted that the other side touches or names as mother. Everything else can simply
    be put on top. Sorted, each collision once.
    """
    found: dict[tuple[int, int | None, int | None, int], Collision] = {}
    for edit in stale:
        collisions = [*_frame_collisions(edit, newer), *_fact_collisions(edit, newer)]
        for collision in collisions:
            found.setdefault((collision.cell, collision.t, collision.z, collision.other_cell), collision)
    return sorted(found.values(), key=lambda c: (c.cell, -1 if c.t is None else c.t, c.z or 0, c.other_cell))


def _frame_collisions(edit: Edit, newer: Sequence[Edit]) -> Iterable[Collision]:
    by_frame: dict[tuple[int, int], list[PixelChange]] = {}
    for other in newer:
        for change in other.pixels:
            by_frame.setdefault((change.t, change.z), []).append(change)
    for mine in edit.pixels:
        added = intervals_of_runs(mine.add)
        for theirs in by_frame.get((mine.t, mine.z), ()):
            if mine.cell == theirs.cell or _share_pixels(added, theirs.add):
                yield Collision(mine.cell, mine.t, mine.z, theirs.cell, edit.id)


def _share_pixels(added: Intervals, runs: Runs) -> bool:
    if not runs or added.starts.size == 0:
        return False
    return intervals.intersection(added, intervals_of_runs(runs)).starts.size > 0


def _fact_collisions(edit: Edit, newer: Sequence[Edit]) -> Iterable[Collision]:
    touched = {p.cell for p in edit.pixels}
    mine = {c.cell: c for c in edit.cells}
    for other in newer:
        for theirs in other.cells:
            same = mine.get(theirs.cell)
            if same and (same.before, same.after) != (theirs.before, theirs.after):
                yield Collision(theirs.cell, None, None, theirs.cell, edit.id)
            if _is_birth_or_death(theirs) and theirs.cell in touched:
                yield Collision(theirs.cell, None, None, theirs.cell, edit.id)
            if theirs.after is None:
                for change in edit.cells:
                    if change.after and change.after.mother == theirs.cell:
                        yield Collision(change.cell, None, None, theirs.cell, edit.id)
        for change in edit.cells:
            if _is_birth_or_death(change) and any(p.cell == change.cell for p in other.pixels):
                yield Collision(change.cell, None, None, change.cell, edit.id)
            if change.after is None:
                for theirs in other.cells:
                    if theirs.after and theirs.after.mother == change.cell:
                        yield Collision(change.cell, None, None, theirs.cell, edit.id)


def _is_birth_or_death(change: CellChange) -> bool:
    return (change.before is None) != (change.after is None)
