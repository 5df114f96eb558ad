"""Masks drawn on crops put together again, so that nobody sees where the image was cut.

Two crops that share pixels both show the cells there: what two people drew is one cell when it mostly agrees
where both could see it. Of such a cell each crop decides the pixels in its own home; a cell that one crop
alone shows well enough keeps its pixels beyond the home, unless the neighbour drew another cell there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.core import crops, intervals
from annotation.core.crops import Box, Crop
from annotation.core.edit_values import ROW
from annotation.core.intervals import Intervals, Ints

SAME_IOU = 0.5
SAME_CONTACT = 0.5
AT_HOME = 0.5


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is said of one crop: masks as runs (n, 3) of y, x0, x1 in px of the crop."""

    crop: Crop
    masks: tuple[Ints, ...]


@dataclass(frozen=True, eq=False)
class Joined:
    """A cell of the image: its pixels on the number line, and (crop, mask) by index, of which it was made."""

    pixels: Intervals
    members: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class _Part:
    """A mask of one crop, in px of the image."""

    at: tuple[int, int]
    crop: Crop
    runs: Ints


def line_of(runs: Ints) -> Intervals:
    """Runs (n, 3) as a set on the number line of `core.runs`."""
    return intervals.union_of(runs[:, 0] * ROW + runs[:, 1], runs[:, 0] * ROW + runs[:, 2])


def box_line(box: Box) -> Intervals:
    """All pixels of a box."""
    rows = np.arange(box.y0, box.y1, dtype=np.int64) * ROW
    return Intervals(rows + box.x0, rows + box.x1)


# ---------------------------------------------------------------- joining


def join(drawn: Sequence[Drawn]) -> list[Joined]:
    """The cells of the image, in the order of their first member."""
    parts = [
        [_Part((i, j), one.crop, crops.moved(mask, *one.crop.box[:2])) for j, mask in enumerate(one.masks)]
        for i, one in enumerate(drawn)
    ]
    joined = _Joins([part.at for several in parts for part in several])
    for i, j in _neighbours([one.crop for one in drawn]):
        for a, b in _same(parts[i], parts[j]):
            joined.join(a.at, b.at)
    groups = joined.groups({part.at: part for several in parts for part in several})
    kept = [group for group in groups if len(group) > 1 or _is_at_home(group[0])]
    return _without_conflicts([_pixels_of(group) for group in kept], kept)


def _neighbours(those: Sequence[Crop]) -> list[tuple[int, int]]:
    """Pairs of crops that share pixels or touch."""
    boxes = np.asarray([crop.box for crop in those], np.int64).reshape(-1, 4)
    pairs = []
    for i, (y0, x0, y1, x1) in enumerate(boxes):
        rest = boxes[i + 1 :]
        near = (rest[:, 0] <= y1) & (rest[:, 2] >= y0) & (rest[:, 1] <= x1) & (rest[:, 3] >= x0)
        pairs += [(i, i + 1 + int(j)) for j in np.flatnonzero(near)]
    return pairs


def _same(one: Sequence[_Part], other: Sequence[_Part]) -> list[tuple[_Part, _Part]]:
    """Masks of two neighbouring crops that are one cell."""
    if not one or not other:
        return []
    shared = one[0].crop.box.common(other[0].crop.box)
    if shared is None:
        return [(a, b) for a in one for b in other if _touch(a, b)]
    here = [(a, line_of(crops.within(a.runs, shared))) for a in one]
    there = [(b, line_of(crops.within(b.runs, shared))) for b in other]
    return [(a, b) for a, left in here for b, right in there if _agree(left, right)]


def _agree(left: Intervals, right: Intervals) -> bool:
    common = intervals.intersection(left, right).size()
    return common > 0 and common >= SAME_IOU * (left.size() + right.size() - common)


def _touch(one: _Part, other: _Part) -> bool:
    """Do two masks meet along the border of crops that share nothing?"""
    a, b = line_of(one.runs), line_of(other.runs)
    for step in (1, ROW):
        for first, second in ((a, b), (b, a)):
            beside = Intervals(first.starts + step, first.ends + step)
            common = intervals.intersection(beside, second).size()
            if common and common >= SAME_CONTACT * min(_edge(one, other, step), _edge(other, one, step)):
                return True
    return False


def _edge(part: _Part, other: _Part, step: int) -> int:
    """How many pixels of a mask lie on the border towards the other crop."""
    box, beyond = part.crop.box, other.crop.box
    if step == 1:
        x = box.x1 - 1 if beyond.x0 >= box.x1 else box.x0
        strip = Box(box.y0, x, box.y1, x + 1)
    else:
        y = box.y1 - 1 if beyond.y0 >= box.y1 else box.y0
        strip = Box(y, box.x0, y + 1, box.x1)
    return crops.area_px(crops.within(part.runs, strip))


def _is_at_home(part: _Part) -> bool:
    return crops.area_px(crops.within(part.runs, part.crop.home)) >= AT_HOME * crops.area_px(part.runs)


def _pixels_of(group: Sequence[_Part]) -> Intervals:
    """Each crop decides in its own home; where a home's crop says nothing of the cell, the others do."""
    homes = intervals.EMPTY
    inside, beyond = intervals.EMPTY, intervals.EMPTY
    for part in group:
        inside = intervals.union(inside, line_of(crops.within(part.runs, part.crop.home)))
        beyond = intervals.union(beyond, line_of(part.runs))
        homes = intervals.union(homes, box_line(part.crop.home))
    return intervals.union(inside, intervals.difference(beyond, homes))


def _without_conflicts(pixels: list[Intervals], groups: Sequence[Sequence[_Part]]) -> list[Joined]:
    """Pixels that a cell has beyond the homes of its crops give way to the cells that are at home there."""
    at_home = [
        intervals.intersection(mine, _homes(group)) for mine, group in zip(pixels, groups, strict=True)
    ]
    joined = []
    for i, (mine, group) in enumerate(zip(pixels, groups, strict=True)):
        beyond = intervals.difference(mine, at_home[i])
        if beyond.size():
            for j, other in enumerate(at_home):
                beyond = intervals.difference(beyond, other) if j != i else beyond
        joined.append(Joined(intervals.union(at_home[i], beyond), tuple(part.at for part in group)))
    return [one for one in joined if one.pixels.size()]


def _homes(group: Sequence[_Part]) -> Intervals:
    homes = intervals.EMPTY
    for part in group:
        homes = intervals.union(homes, box_line(part.crop.home))
    return homes


class _Joins:
    """Which masks are one: a forest of representatives."""

    def __init__(self, keys: Sequence[tuple[int, int]]) -> None:
        self._of = {key: key for key in keys}

    def _root(self, key: tuple[int, int]) -> tuple[int, int]:
        while self._of[key] != key:
            self._of[key] = self._of[self._of[key]]
            key = self._of[key]
        return key

    def join(self, a: tuple[int, int], b: tuple[int, int]) -> None:
        first, second = sorted((self._root(a), self._root(b)))
        self._of[second] = first

    def groups(self, parts: Mapping[tuple[int, int], _Part]) -> list[list[_Part]]:
        found: dict[tuple[int, int], list[_Part]] = {}
        for key in self._of:
            found.setdefault(self._root(key), []).append(parts[key])
        return list(found.values())


# ---------------------------------------------------------------- laying over


def lay_over(
    base: Mapping[int, Intervals], joined: Sequence[Joined], homes: Sequence[Box], *, next_cell: int
) -> tuple[dict[int, Intervals], list[int]]:
    """Cells of a frame after the homes were drawn anew, and the id of each of `joined`.

    Outside the homes everything stays. A joined cell takes the id of the cell of `base` with which it mostly
    agrees inside the homes, and so goes on seamlessly where that one leaves them; others get ids from
    `next_cell` on. Cells of `base` with which none agrees lose what they have inside.
    """
    asked = intervals.EMPTY
    for home in homes:
        asked = intervals.union(asked, box_line(home))
    inside = {cell: intervals.intersection(line, asked) for cell, line in base.items()}
    names = _names(inside, joined, next_cell)
    after = {cell: intervals.difference(line, inside[cell]) for cell, line in base.items()}
    outside = intervals.EMPTY
    for line in after.values():
        outside = intervals.union(outside, line)
    for one, name in zip(joined, names, strict=True):
        own = after.get(name, intervals.EMPTY)
        free = intervals.difference(one.pixels, intervals.difference(outside, own))
        after[name] = intervals.union(own, free)
    return {cell: line for cell, line in after.items() if line.size()}, names


def _bounds(line: Intervals) -> Box:
    """The box around a set that is not empty."""
    first, last = line.starts % ROW, (line.ends - 1) % ROW
    rows = line.starts // ROW
    return Box(int(rows[0]), int(first.min()), int(rows[-1]) + 1, int(last.max()) + 1)


def _names(inside: Mapping[int, Intervals], joined: Sequence[Joined], next_cell: int) -> list[int]:
    """Ids one to one: the pairs that agree best come first."""
    pairs = []
    cells = [cell for cell, line in inside.items() if line.size()]
    boxes = np.asarray([_bounds(inside[cell]) for cell in cells], np.int64).reshape(-1, 4)
    for i, one in enumerate(joined):
        y0, x0, y1, x1 = _bounds(one.pixels)
        meets = (boxes[:, 0] < y1) & (boxes[:, 2] > y0) & (boxes[:, 1] < x1) & (boxes[:, 3] > x0)
        for cell in (cells[int(k)] for k in np.flatnonzero(meets)):
            line = inside[cell]
            common = intervals.intersection(line, one.pixels).size()
            whole = line.size() + one.pixels.size() - common
            if common and common >= SAME_IOU * whole:
                pairs.append((common / whole, -cell, i))
    names: dict[int, int] = {}
    for _, cell, i in sorted(pairs, reverse=True):
        if i not in names and -cell not in names.values():
            names[i] = -cell
    fresh = iter(range(next_cell, next_cell + len(joined)))
    return [names[i] if i in names else next(fresh) for i in range(len(joined))]
