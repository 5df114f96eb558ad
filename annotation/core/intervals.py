"""Sets of integers kept as sorted half-open intervals: the arithmetic below every label edit.

A set is a pair of int64 arrays `(starts, ends)`, ascending, disjoint and never touching (maximal). Pixels of
many cells become one such set by giving each cell a stretch of the number line of its own.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Intervals(NamedTuple):
    """Half-open intervals [start, end), ascending, disjoint, not touching."""

    starts: Ints
    ends: Ints

    def size(self) -> int:
        """How many integers the set holds."""
        return int((self.ends - self.starts).sum())


EMPTY = Intervals(np.zeros(0, np.int64), np.zeros(0, np.int64))


def union_of(starts: ArrayLike, ends: ArrayLike) -> Intervals:
    """The set covered by intervals in any order that may touch or overlap; empty ones are dropped."""
    first, last = np.asarray(starts, np.int64), np.asarray(ends, np.int64)
    full = last > first
    order = np.argsort(first[full], kind="stable")
    first, last = first[full][order], last[full][order]
    if first.size == 0:
        return EMPTY
    reach = np.maximum.accumulate(last)
    opens = np.concatenate(([True], first[1:] > reach[:-1]))
    closes = np.concatenate((opens[1:], [True]))
    return Intervals(first[opens], reach[closes])


def _covers(these: Intervals, positions: Ints) -> Bools:
    opened = np.searchsorted(these.starts, positions, side="right")
    closed = np.searchsorted(these.ends, positions, side="right")
    return np.greater(opened, closed)


def _where(positions: Ints, inside: Bools) -> Intervals:
    """Maximal intervals over those of [positions[i], positions[i+1]) that are inside; the last one is
    open-ended and therefore never inside."""
    edges = np.diff(np.concatenate(([False], inside)).astype(np.int8))
    return Intervals(positions[edges == 1], positions[edges == -1])


def _positions(a: Intervals, b: Intervals) -> Ints:
    return np.unique(np.concatenate((*a, *b)))


def union(a: Intervals, b: Intervals) -> Intervals:
    """Integers in a or in b."""
    return union_of(np.concatenate((a.starts, b.starts)), np.concatenate((a.ends, b.ends)))


def difference(a: Intervals, b: Intervals) -> Intervals:
    """Integers in a and not in b."""
    if a.starts.size == 0 or b.starts.size == 0:
        return a
    positions = _positions(a, b)
    return _where(positions, _covers(a, positions) & ~_covers(b, positions))


def intersection(a: Intervals, b: Intervals) -> Intervals:
    """Integers in both a and b."""
    if a.starts.size == 0 or b.starts.size == 0:
        return EMPTY
    positions = _positions(a, b)
    return _where(positions, _covers(a, positions) & _covers(b, positions))


def expand(starts: Ints, lengths: Ints) -> Ints:
    """Every integer of the intervals, in the order given (intervals may overlap)."""
    total = int(lengths.sum())
    before = np.cumsum(lengths) - lengths
    shift: Ints = np.repeat(starts - before, lengths)
    return shift + np.arange(total, dtype=np.int64)


def cut(starts: Ints, ends: Ints, step: int) -> tuple[Ints, Ints, Ints]:
    """Cut intervals at the multiples of `step`: (index of the interval cut, starts, ends of the pieces)."""
    first, last = starts // step, (ends - 1) // step
    pieces = last - first + 1
    which = np.repeat(np.arange(starts.size), pieces)
    block = expand(first, pieces)
    return which, np.maximum(starts[which], block * step), np.minimum(ends[which], (block + 1) * step)
