"""One author's edits taken out of a series of many: what goes back, and what others touched since and stays.

The unit is a cell in one frame and slice, and the facts of a cell. Where somebody else changed the same unit
later, it is theirs: it stays as it is, and is told as kept. Everywhere else the unit becomes what it was when
the author first changed it after the others' last word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from annotation.core import intervals
from annotation.core.edit_values import CellChange, CellFacts, Edit, PixelChange
from annotation.core.intervals import EMPTY, Intervals
from annotation.core.runs import intervals_of_runs, runs_of_intervals

Unit = tuple[int, int, int]
"""(t, z, cell)"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A unit that stays because somebody else changed it later; t and z are None for facts."""

    cell: int
    t: int | None
    z: int | None
    by: str
    revision: int


@dataclass(slots=True)
class _Pixels:
    """Pixels that are in, or out, of a unit through the author alone."""

    added: Intervals = EMPTY
    removed: Intervals = EMPTY

    def change(self, add: Intervals, remove: Intervals) -> None:
        again, back = intervals.intersection(add, self.removed), intervals.intersection(remove, self.added)
        self.removed = intervals.union(
            intervals.difference(self.removed, again), intervals.difference(remove, back)
        )
        self.added = intervals.union(intervals.difference(self.added, back), intervals.difference(add, again))

    @property
    def is_nothing(self) -> bool:
        return self.added.size() == 0 and self.removed.size() == 0


@dataclass(slots=True)
class Unwinding:
    """Feed it every edit of a branch since the author's first, in order; moves are told as pixels."""

    pixels: dict[Unit, _Pixels] = field(default_factory=dict)
    facts: dict[int, tuple[CellFacts | None, CellFacts | None]] = field(default_factory=dict)
    kept: dict[tuple[int, int | None, int | None], Kept] = field(default_factory=dict)
    edits: int = 0

    def take_back(self, edit: Edit) -> None:
        """An edit of the author."""
        self.edits += 1
        for change in edit.pixels:
            unit = self.pixels.setdefault((change.t, change.z, change.cell), _Pixels())
            unit.change(intervals_of_runs(change.add), intervals_of_runs(change.remove))
        for fact in edit.cells:
            first = self.facts[fact.cell][0] if fact.cell in self.facts else fact.before
            self.facts[fact.cell] = (first, fact.after)

    def keep(self, edit: Edit, *, by: str, revision: int) -> None:
        """An edit of somebody else: what it touches is theirs from here on."""
        for change in edit.pixels:
            unit = self.pixels.pop((change.t, change.z, change.cell), None)
            if unit is not None and not unit.is_nothing:
                self._tell(Kept(change.cell, change.t, change.z, by, revision))
        for fact in edit.cells:
            was = self.facts.pop(fact.cell, None)
            if was is not None and was[0] != was[1]:
                self._tell(Kept(fact.cell, None, None, by, revision))

    def _tell(self, kept: Kept) -> None:
        self.kept[kept.cell, kept.t, kept.z] = kept

    def changes(self) -> tuple[list[PixelChange], list[CellChange]]:
        """What leads from the present state back: pixels by frame and cell, and facts."""
        pixels = [
            PixelChange(t, z, cell, runs_of_intervals(unit.removed), runs_of_intervals(unit.added))
            for (t, z, cell), unit in sorted(self.pixels.items())
            if not unit.is_nothing
        ]
        facts = [
            CellChange(cell, now, first) for cell, (first, now) in sorted(self.facts.items()) if first != now
        ]
        return pixels, facts


def fitted(
    unwinding: Unwinding,
    *,
    alive: Mapping[int, CellFacts],
    pixel_counts: Mapping[int, int],
    locked: Iterable[int] = (),
    taken: Mapping[tuple[int, int], Intervals],
    by: str,
    revision: int,
) -> tuple[list[PixelChange], list[CellChange]]:
    """The changes that can really be made at the head.

    `alive`: facts of the cells that exist; `pixel_counts`: their pixels over all frames; `taken`: pixels by
    (t, z) of the units that stay, which nothing that comes back may cover. A cell is not deleted while
    pixels of it are left, nothing is given to a cell that others deleted, and locked cells stay.
    """
    pixels, facts = unwinding.changes()
    shut = set(locked)
    for cell in sorted(shut & {*(p.cell for p in pixels), *(c.cell for c in facts)}):
        unwinding.kept[cell, None, None] = Kept(cell, None, None, by, revision)
    pixels = [_beside(change, taken) for change in pixels if change.cell not in shut]
    facts = [change for change in facts if change.cell not in shut]
    reborn = {change.cell for change in facts if change.after is not None}
    pixels = [c if c.cell in alive or c.cell in reborn else _without_added(c) for c in pixels]
    left = dict(pixel_counts)
    for change in pixels:
        left[change.cell] = left.get(change.cell, 0) + _size(change.add) - _size(change.remove)
    dying = {change.cell for change in facts if change.after is None}
    for cell in sorted(dying):
        if left.get(cell, 0) > 0:
            unwinding.kept.setdefault((cell, None, None), Kept(cell, None, None, by, revision))
    facts = [c for c in facts if c.after is not None or left.get(c.cell, 0) <= 0]
    return [c for c in pixels if c.add or c.remove], facts


def _size(runs: tuple[int, ...]) -> int:
    return sum(runs[2::3])


def _without_added(change: PixelChange) -> PixelChange:
    return PixelChange(change.t, change.z, change.cell, (), change.remove)


def _beside(change: PixelChange, taken: Mapping[tuple[int, int], Intervals]) -> PixelChange:
    theirs = taken.get((change.t, change.z))
    if theirs is None or not change.add:
        return change
    free = intervals.difference(intervals_of_runs(change.add), theirs)
    return PixelChange(change.t, change.z, change.cell, runs_of_intervals(free), change.remove)
