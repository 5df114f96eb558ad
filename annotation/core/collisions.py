"""Where a stale edit and a newer one really collide."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from annotation.core import intervals
from annotation.core.edit_values import CellChange, Collision, Edit, PixelChange
from annotation.core.intervals import Intervals
from annotation.core.runs import intervals_of_runs


@dataclass(frozen=True, slots=True)
class _Touched:
    """What a series of edits touched, looked up by frame and by cell."""

    frames: dict[tuple[int, int], dict[int, Intervals]]  # pixels added to each cell touched in the frame
    added: dict[tuple[int, int], Intervals]  # pixels added to any cell
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


def _touched(edits: Iterable[Edit]) -> _Touched:
    runs: dict[tuple[int, int], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    facts: dict[int, list[CellChange]] = defaultdict(list)
    daughters: dict[int, set[int]] = defaultdict(set)
    for edit in edits:
        for change in edit.pixels:
            runs[change.t, change.z][change.cell].extend(change.add)
        for fact in edit.cells:
            facts[fact.cell].append(fact)
            if fact.after and fact.after.mother:
                daughters[fact.after.mother].add(fact.cell)
    frames = {at: {c: intervals_of_runs(r) for c, r in cells.items()} for at, cells in runs.items()}
    added = {at: intervals_of_runs([n for r in cells.values() for n in r]) for at, cells in runs.items()}
    everywhere = frozenset(cell for cells in frames.values() for cell in cells)
    return _Touched(frames, added, everywhere, dict(facts), dict(daughters))


def _in_frames(edit: Edit, touched: _Touched) -> Iterator[Collision]:
    for change in edit.pixels:
        at = (change.t, change.z)
        if at in touched.frames:
            for cell in _hit(change, touched.frames[at], touched.added[at]):
                yield Collision(change.cell, change.t, change.z, cell, edit.id)


def _hit(change: PixelChange, cells: dict[int, Intervals], added: Intervals) -> Iterator[int]:
    if change.cell in cells:
        yield change.cell
    mine = intervals_of_runs(change.add)
    if _meet(mine, added):
        yield from (cell for cell, theirs in cells.items() if cell != change.cell and _meet(mine, theirs))


def _meet(a: Intervals, b: Intervals) -> bool:
    return intervals.intersection(a, b).starts.size > 0


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
