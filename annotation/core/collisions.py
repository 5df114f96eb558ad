"""Where a stale edit and a newer one really collide."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.core.edit_values import ROW, CellChange, Collision, Edit, PixelChange
from annotation.core.intervals import Ints
from annotation.core.runs import intervals_of_runs


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a series of edits did in one frame: the cells touched, and all runs added, sorted by start."""

    cells: frozenset[int]
    starts: Ints
    ends: Ints
    owners: Ints


@dataclass(frozen=True, slots=True)
class _Touched:
    """What a series of edits touched, looked up by frame and by cell."""

    frames: dict[tuple[int, int], _Frame]
    cells: frozenset[int]
    facts: dict[int, list[CellChange]]
    daughters: dict[int, set[int]]  # cells that were given this mother


def find_collisions(stale: Sequence[Edit], newer: Sequence[Edit]) -> list[Collision]:
    """Where edits made from an older base really collide with newer ones.

    That is: the same cell in the same frame, the same pixel added, the facts of one cell changed to different
    values, or a cell made or deleted that the other side touches or names as mother. Everything else can
    simply be put on top. Sorted, each collision once.
    """
    touched = _touched(newer)
    found: dict[tuple[int, int | None, int | None, int], Collision] = {}
    for edit in stale:
        for collision in (*_in_frames(edit, touched), *_in_facts(edit, touched)):
            found.setdefault((collision.cell, collision.t, collision.z, collision.other_cell), collision)
    return sorted(found.values(), key=lambda c: (c.cell, -1 if c.t is None else c.t, c.z or 0, c.other_cell))


def within_channels(found: Iterable[Collision], channels: Mapping[int, int | None]) -> list[Collision]:
    """The collisions less those of pixels given to masks of two channels, which never touch each other.

    `channels` is cell → channel for the cells in question; a cell that it does not name outlines the whole
    cell (None).
    """
    return [
        collision
        for collision in found
        if collision.t is None or channels.get(collision.cell) == channels.get(collision.other_cell)
    ]


def _touched(edits: Iterable[Edit]) -> _Touched:
    changes: dict[tuple[int, int], list[PixelChange]] = defaultdict(list)
    facts: dict[int, list[CellChange]] = defaultdict(list)
    daughters: dict[int, set[int]] = defaultdict(set)
    for edit in edits:
        for change in edit.pixels:
            changes[change.t, change.z].append(change)
        for fact in edit.cells:
            facts[fact.cell].append(fact)
            if fact.after and fact.after.mother:
                daughters[fact.after.mother].add(fact.cell)
    frames = {at: _frame(several) for at, several in changes.items()}
    everywhere = frozenset(cell for frame in frames.values() for cell in frame.cells)
    return _Touched(frames, everywhere, dict(facts), dict(daughters))


def _frame(changes: Sequence[PixelChange]) -> _Frame:
    table = np.asarray([n for change in changes for n in change.add], np.int64).reshape(-1, 3)
    owners = np.repeat([change.cell for change in changes], [len(change.add) // 3 for change in changes])
    starts = table[:, 0] * ROW + table[:, 1]
    order = np.argsort(starts, kind="stable")
    cells = frozenset(change.cell for change in changes)
    return _Frame(cells, starts[order], (starts + table[:, 2])[order], owners[order].astype(np.int64))


def _in_frames(edit: Edit, touched: _Touched) -> Iterator[Collision]:
    for change in edit.pixels:
        frame = touched.frames.get((change.t, change.z))
        if frame:
            same = {change.cell} & frame.cells
            for cell in sorted(same | _owners_of_shared_pixels(change, frame)):
                yield Collision(change.cell, change.t, change.z, cell, edit.id)


def _owners_of_shared_pixels(change: PixelChange, frame: _Frame) -> set[int]:
    """Cells that were given a pixel which this change gives too; only the rows in question are looked at."""
    mine = intervals_of_runs(change.add)
    if mine.starts.size == 0:
        return set()
    first, last = np.searchsorted(frame.starts, (mine.starts[0] // ROW * ROW, mine.ends[-1]))
    starts, ends = frame.starts[first:last], frame.ends[first:last]
    nearest = np.searchsorted(mine.ends, starts, side="right")
    begins = np.append(mine.starts, np.iinfo(np.int64).max)[nearest]
    return set(frame.owners[first:last][begins < ends].tolist())


def _in_facts(edit: Edit, touched: _Touched) -> Iterator[Collision]:
    for cell, other in (*_births_and_deaths(edit, touched), *_different_facts(edit, touched)):
        yield Collision(cell, None, None, other, edit.id)


def _different_facts(edit: Edit, touched: _Touched) -> Iterator[tuple[int, int]]:
    for change in edit.cells:
        theirs = touched.facts.get(change.cell)
        if theirs and (theirs[0].before, theirs[-1].after) != (change.before, change.after):
            yield change.cell, change.cell


def _births_and_deaths(edit: Edit, touched: _Touched) -> Iterator[tuple[int, int]]:
    for pixels in edit.pixels:
        if any(_is_birth_or_death(fact) for fact in touched.facts.get(pixels.cell, ())):
            yield pixels.cell, pixels.cell
    for change in edit.cells:
        if _is_birth_or_death(change) and change.cell in touched.cells:
            yield change.cell, change.cell
        if change.after is None:
            yield from ((change.cell, daughter) for daughter in touched.daughters.get(change.cell, ()))
        elif change.after.mother and any(f.after is None for f in touched.facts.get(change.after.mother, ())):
            yield change.cell, change.after.mother


def _is_birth_or_death(change: CellChange) -> bool:
    return (change.before is None) != (change.after is None)
