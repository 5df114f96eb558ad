"""Runs of an edit, flat ints `(y, x, n, …)`, and the same pixels as sets on a number line."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.core import intervals
from annotation.core.edit_values import ROW, Runs
from annotation.core.intervals import Intervals


def intervals_of_runs(runs: Sequence[int]) -> Intervals:
    """Runs as a set on the number line `y * ROW + x`; they need not be sorted."""
    table = np.asarray(runs, np.int64).reshape(-1, 3)
    starts = table[:, 0] * ROW + table[:, 1]
    return intervals.union_of(starts, starts + table[:, 2])


def runs_of_intervals(these: Intervals) -> Runs:
    """The inverse of `intervals_of_runs`."""
    table = np.stack((these.starts // ROW, these.starts % ROW, these.ends - these.starts), axis=1)
    return tuple(table.ravel().tolist())


def runs_of_mask(mask: NDArray[np.bool_], *, y: int = 0, x: int = 0) -> Runs:
    """Runs of a boolean picture (y, x) whose corner lies at (y, x) of the image."""
    padded = np.zeros((mask.shape[0], mask.shape[1] + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    return tuple(np.stack((rows + y, starts + x, ends - starts), axis=1).ravel().tolist())


def area_px(runs: Sequence[int]) -> int:
    """Number of pixels of runs."""
    return int(sum(runs[2::3]))
