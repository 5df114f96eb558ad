"""The edit that leads from one state of a frame to another."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import intervals
from annotation.core.edit_values import CellChange, CellFacts, Edit, PixelChange, Runs
from annotation.core.intervals import Intervals


def _cell_intervals(planes: NDArray[Any], stride: int, area: int) -> Intervals:
    """All cells' pixels of (p, y, x) planes on one number line: cell * area + y * stride + x."""
    starts, ends = [], []
    for plane in planes:
        padded = np.zeros((plane.shape[0], stride + 1), np.int64)
        padded[:, 1 : 1 + plane.shape[1]] = plane
        rows, at = np.nonzero(padded[:, 1:] != padded[:, :-1])
        cells = padded[rows, at + 1]
        opens = cells > 0
        begin = (cells * area + rows * stride + at)[opens]
        # a run ends where the next change of its row is; the padded last column closes every row
        flat = rows * stride + at
        length = np.diff(flat, append=flat[-1:])[opens]
        starts.append(begin)
        ends.append(begin + length)
    return intervals.union_of(np.concatenate(starts), np.concatenate(ends)) if starts else intervals.EMPTY


def _runs_by_cell(these: Intervals, stride: int, area: int) -> dict[int, Runs]:
    cells = these.starts // area
    flat = these.starts % area
    table = np.stack((flat // stride, flat % stride, these.ends - these.starts), axis=1)
    edges = np.flatnonzero(np.diff(cells)) + 1
    names = cells[np.concatenate(([0], edges))] if cells.size else cells
    return {
        int(c): tuple(g.ravel().tolist())
        for c, g in zip(names, np.split(table, edges), strict=bool(cells.size))
    }


def runs_of_planes(planes: NDArray[Any]) -> dict[int, Runs]:
    """Runs of every cell of (p, y, x) planes."""
    stride = planes.shape[2] + 1
    area = planes.shape[1] * stride
    return _runs_by_cell(_cell_intervals(planes, stride, area), stride, area)


def edits_between(
    before: NDArray[Any],
    after: NDArray[Any],
    *,
    t: int,
    z: int,
    id: str,
    tool: str,
    facts_before: Mapping[int, CellFacts] | None = None,
    facts_after: Mapping[int, CellFacts] | None = None,
) -> Edit:
    """The edit that turns the planes `before` (p, y, x) of one frame into `after` (q, y, x), and the facts
    likewise where given. Raises ValueError for different image sizes."""
    if before.shape[1:] != after.shape[1:]:
        raise ValueError(f"Planes of {before.shape[1:]} and {after.shape[1:]} px cannot be compared.")
    stride = before.shape[2] + 1
    area = before.shape[1] * stride
    old, new = _cell_intervals(before, stride, area), _cell_intervals(after, stride, area)
    added = _runs_by_cell(intervals.difference(new, old), stride, area)
    removed = _runs_by_cell(intervals.difference(old, new), stride, area)
    pixels = tuple(
        PixelChange(t, z, cell, added.get(cell, ()), removed.get(cell, ()))
        for cell in sorted(added.keys() | removed.keys())
    )
    return Edit(id, tool, pixels, changes_between(facts_before or {}, facts_after or {}))


def changes_between(
    before: Mapping[int, CellFacts], after: Mapping[int, CellFacts]
) -> tuple[CellChange, ...]:
    """The cell changes that turn one set of facts into another."""
    cells = sorted(before.keys() | after.keys())
    return tuple(CellChange(c, before.get(c), after.get(c)) for c in cells if before.get(c) != after.get(c))
