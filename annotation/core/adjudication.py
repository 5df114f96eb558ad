"""Two ratings of an image made one: cell by cell the first, the second, or what both agree on.

The first rating's cells keep their names. A cell of the second that is taken stands for its partner, or gets
a name that is free. Of a cell that both found (IoU 0.5 and more) the agreed outline lies half way between
the two: where the mean of their signed distances is not negative (shape-based averaging, Rohlfing and Maurer
2007). A cell that one of them alone found is agreed to be none.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotation.core import intervals
from annotation.core.edits import CellChange, CellFacts, PixelChange, Runs, area_px, intervals_of_runs
from annotation.core.frame_differences import FrameComparison
from annotation.core.runs import runs_of_intervals, runs_of_mask

AGREED_IOU = 0.5
# What is said about what a cell is; the rest of its facts is about tracks and tools.
SAID = ("label_class", "also", "attributes", "uncertain")


class Take(StrEnum):
    """Whose answer counts."""

    FIRST = "FIRST"
    SECOND = "SECOND"
    CONSENSUS = "CONSENSUS"


@dataclass(frozen=True, slots=True)
class Unit:
    """One cell in one frame: its name in the first rating and in the second, None where it is not there."""

    t: int
    z: int
    first: int | None
    second: int | None
    iou: float = 0.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The cells of one frame in both ratings as runs, and how they pair."""

    t: int
    z: int
    first: Mapping[int, Runs]
    second: Mapping[int, Runs]
    compared: FrameComparison

    def units(self) -> list[Unit]:
        """Every cell of either rating once."""
        t, z, compared = self.t, self.z, self.compared
        pairs = [Unit(t, z, pair.before, pair.after, pair.iou) for pair in compared.pairs]
        alone = [Unit(t, z, cell.cell, None) for cell in compared.removed]
        return [*pairs, *alone, *(Unit(t, z, None, cell.cell) for cell in compared.added)]


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """What changes of the first rating; `new_cells` names are taken from `free` on."""

    pixels: tuple[PixelChange, ...]
    cells: tuple[CellChange, ...]
    new_cells: int


def adjudicate(
    frames: Sequence[Frame],
    *,
    decide: Callable[[Unit], Take],
    first: Mapping[int, CellFacts],
    second: Mapping[int, CellFacts],
    pixel_counts: Mapping[int, int],
    free: int,
) -> Adjudicated:
    """The changes that make the first rating what `decide` says of each cell in each frame.

    `pixel_counts` are those of the first rating's cells over all frames; `free` the first name for new cells.
    """
    units = [(frame, unit) for frame in frames for unit in frame.units()]
    names = _names([unit for _, unit in units], free)
    gained: Counter[int] = Counter()
    pixels, decided = [], []
    for frame, unit in units:
        take = decide(unit)
        decided.append((unit, take))
        cell = unit.first if unit.first is not None else names[unit.second or 0]
        change = _change(frame, unit, take, cell)
        if change is not None:
            pixels.append(change)
            gained[cell] += area_px(change.add) - area_px(change.remove)
    made = {cell for cell in gained if cell >= free and gained[cell] > 0}
    gone = {cell for cell in gained if cell in first and pixel_counts.get(cell, 0) + gained[cell] <= 0}
    facts = _facts(decided, names, first, second, made, gone)
    return Adjudicated(_one_each(pixels), facts, max((cell + 1 - free for cell in made), default=0))


def _names(units: Sequence[Unit], free: int) -> dict[int, int]:
    """Of each cell of the second rating its name in the result: that of its most frequent partner."""
    partners: dict[int, Counter[int]] = {}
    for unit in units:
        if unit.second is not None:
            of = partners.setdefault(unit.second, Counter())
            if unit.first is not None:
                of[unit.first] += 1
    names = {}
    for cell, of in sorted(partners.items()):
        if of:
            names[cell] = min(of, key=lambda name: (-of[name], name))
        else:
            names[cell], free = free, free + 1
    return names


def _change(frame: Frame, unit: Unit, take: Take, cell: int) -> PixelChange | None:
    if take is Take.FIRST:
        return None
    now = intervals_of_runs(frame.first[unit.first] if unit.first is not None else ())
    then = intervals_of_runs(_wanted(frame, unit, take))
    add = runs_of_intervals(intervals.difference(then, now))
    remove = runs_of_intervals(intervals.difference(now, then))
    return PixelChange(unit.t, unit.z, cell, add, remove) if add or remove else None


def _wanted(frame: Frame, unit: Unit, take: Take) -> Runs:
    if take is Take.SECOND:
        return frame.second[unit.second] if unit.second is not None else ()
    if unit.first is None or unit.second is None or unit.iou < AGREED_IOU:
        return ()
    return half_way(frame.first[unit.first], frame.second[unit.second])


def half_way(one: Runs, two: Runs) -> Runs:
    """The outline between two, px; each as runs (y, x, n)."""
    table = np.asarray([*one, *two], np.int64).reshape(-1, 3)
    top, left = int(table[:, 0].min()) - 1, int(table[:, 1].min()) - 1
    shape = int(table[:, 0].max()) + 2 - top, int((table[:, 1] + table[:, 2]).max()) + 1 - left
    a, b = (_mask(runs, top, left, shape) for runs in (one, two))
    return runs_of_mask(_signed(a) + _signed(b) >= 0, y=top, x=left)


def _mask(runs: Runs, top: int, left: int, shape: tuple[int, int]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, bool)
    for y, x, n in np.asarray(runs, np.int64).reshape(-1, 3).tolist():
        mask[y - top, x - left : x - left + n] = True
    return mask


def _signed(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distance to the outline, px, positive inside."""
    inside, outside = (ndimage.distance_transform_edt(part) for part in (mask, ~mask))
    return np.asarray(np.where(mask, inside - 0.5, 0.5 - outside))


def _one_each(pixels: Sequence[PixelChange]) -> tuple[PixelChange, ...]:
    """One change a cell and frame, as an edit wants it: two that came under one name are put together."""
    found: dict[tuple[int, int, int], PixelChange] = {}
    for change in pixels:
        key = change.t, change.z, change.cell
        other = found.get(key)
        if other is not None:
            both = other, change
            added = intervals.union(*(intervals_of_runs(one.add) for one in both))
            removed = intervals.union(*(intervals_of_runs(one.remove) for one in both))
            left = intervals.difference(removed, added)
            change = replace(change, add=runs_of_intervals(added), remove=runs_of_intervals(left))
        found[key] = change
    return tuple(change for _, change in sorted(found.items()))


def _facts(
    decided: Sequence[tuple[Unit, Take]],
    names: Mapping[int, int],
    first: Mapping[int, CellFacts],
    second: Mapping[int, CellFacts],
    made: set[int],
    gone: set[int],
) -> tuple[CellChange, ...]:
    after: dict[int, CellFacts | None] = dict.fromkeys(gone)
    for unit, take in decided:
        if take is not Take.SECOND or unit.second is None:
            continue
        cell, told = names[unit.second], second.get(unit.second, CellFacts())
        if unit.first is not None and unit.first in first and unit.first not in gone:
            now = first[unit.first]
            after[unit.first] = replace(now, **{name: getattr(told, name) for name in SAID})
        elif cell in made and cell not in after:
            mother = names.get(told.mother or 0)
            known = mother is not None and (mother in made or (mother in first and mother not in gone))
            said = {name: getattr(told, name) for name in SAID}
            after[cell] = CellFacts(channel=told.channel, mother=mother if known else None, **said)
    changes = (CellChange(cell, first.get(cell), facts) for cell, facts in sorted(after.items()))
    return tuple(change for change in changes if change.before != change.after)
