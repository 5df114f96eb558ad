"""Who is who over time, as a graph: detections, and the links that join them to cells and families.

A detection is one cell in one frame. A track is a cell's stretch of consecutive frames; a cell that is away
for some frames has several, each the only child of the one before. That is how the Cell Tracking Challenge
keeps gaps, so scores of a graph are those of its files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class LineageGraph:
    """Detections in the order of (frame, cell), tracks in the order of (cell, frame).

    `t`, `cell` and `track` (n,) are of detections; `parent` (k,) is the track that each track comes from, or
    -1. `at_zyx` (n, 3) is the middle of each detection and `area_px` (n,) its size where they are known, else
    empty.
    """

    t: Ints
    cell: Ints
    track: Ints
    parent: Ints
    at_zyx: Ints = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    area_px: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    @cached_property
    def _ordered(self) -> Ints:
        """Detections track by track, each in the order of time."""
        return np.argsort(self.track, kind="stable")

    @cached_property
    def starts(self) -> Ints:
        """(k,) The first detection of each track."""
        at = np.flatnonzero(np.diff(self.track[self._ordered], prepend=-1))
        return self._ordered[at]

    @cached_property
    def ends(self) -> Ints:
        """(k,) The last detection of each track."""
        at = np.flatnonzero(np.diff(self.track[self._ordered], append=self.parent.size))
        return self._ordered[at]

    @cached_property
    def first(self) -> Ints:
        """(k,) The first frame of each track."""
        return self.t[self.starts]

    @cached_property
    def last(self) -> Ints:
        """(k,) The last frame of each track."""
        return self.t[self.ends]

    @cached_property
    def number(self) -> Ints:
        """(k,) The cell that each track belongs to."""
        return self.cell[self.starts]

    @cached_property
    def links(self) -> Ints:
        """(m, 2) Pairs of detections, earlier and later: those inside of tracks, then those from track to
        track."""
        order = self._ordered
        same = self.track[order[1:]] == self.track[order[:-1]]
        inside = np.stack((order[:-1][same], order[1:][same]), axis=1)
        born = np.flatnonzero(self.parent >= 0)
        between = np.stack((self.ends[self.parent[born]], self.starts[born]), axis=1)
        return np.concatenate((inside, between))

    @cached_property
    def parental(self) -> Flags:
        """(m,) Whether a link leads from one track to another: a birth, or over a gap."""
        between = np.count_nonzero(self.parent >= 0)
        flags = np.zeros(len(self.links), np.bool_)
        flags[len(flags) - between :] = True
        return flags

    @cached_property
    def children(self) -> Ints:
        """(k,) How many tracks come from each track."""
        return np.bincount(self.parent[self.parent >= 0], minlength=self.parent.size)

    @cached_property
    def divides(self) -> Flags:
        """(k,) Whether a track ends in a division, that is in two children or more."""
        return np.asarray(self.children >= 2)


def of_cells(
    t: NDArray[Any],
    cell: NDArray[Any],
    mothers: Mapping[int, int],
    at_zyx: NDArray[Any] | None = None,
    area_px: NDArray[Any] | None = None,
) -> LineageGraph:
    """The graph of detections `(t, cell)` (n,), each at most once, in any order, and {daughter: mother}.

    A daughter comes from the last stretch of her mother that ends before she begins; where there is none she
    has no parent.
    """
    order = np.lexsort((cell, t))
    t, cell = (np.asarray(values, np.int64)[order] for values in (t, cell))
    by_cell = np.argsort(cell, kind="stable")
    cells, times = cell[by_cell], t[by_cell]
    begins = np.ones(cells.size, np.bool_)
    begins[1:] = (np.diff(cells) != 0) | (np.diff(times) != 1)
    track = np.empty(cells.size, np.int64)
    track[by_cell] = np.cumsum(begins) - 1
    first_at = np.flatnonzero(begins)
    number, first = cells[first_at], times[first_at]
    last = times[np.append(first_at[1:], cells.size) - 1] if cells.size else times
    parent = np.full(number.size, -1, np.int64)
    again = np.flatnonzero(number[1:] == number[:-1]) + 1
    parent[again] = again - 1
    _enter_mothers(parent, mothers, number, first, last)
    place = np.zeros((0, 3), np.int64) if at_zyx is None else np.asarray(at_zyx, np.int64)[order]
    area = np.zeros(0, np.int64) if area_px is None else np.asarray(area_px, np.int64)[order]
    return LineageGraph(t, cell, track, parent, place, area)


def _enter_mothers(parent: Ints, mothers: Mapping[int, int], number: Ints, first: Ints, last: Ints) -> None:
    """Tracks are in the order of (cell, frame), so the stretches of a mother lie side by side."""
    if not mothers or not number.size:
        return
    pairs = np.array(list(mothers.items()), np.int64).reshape(-1, 2)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    born = np.searchsorted(number, pairs[:, 0])
    known = number[np.minimum(born, number.size - 1)] == pairs[:, 0]
    born, mother = born[known], pairs[known, 1]
    span = int(last.max()) + 2
    stretch = np.searchsorted(number * span + last, mother * span + first[born]) - 1
    holds = (stretch >= 0) & (number[stretch] == mother)
    parent[born[holds]] = stretch[holds]


def merge_only_children(graph: LineageGraph) -> tuple[Ints, Ints]:
    """(track → stem, stem → parent stem or -1): a track with a single child is one stem with it."""
    single = (graph.parent >= 0) & (graph.children[graph.parent] == 1)
    root = np.where(single, graph.parent, np.arange(graph.parent.size))
    while not np.array_equal(above := root[root], root):
        root = above
    roots, stem = np.unique(root, return_inverse=True)
    parent = graph.parent[roots]
    return stem.astype(np.int64), np.where(parent >= 0, stem[parent], -1).astype(np.int64)
