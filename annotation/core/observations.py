"""Where each cell of a movie was seen: one row a cell and frame, from the measures of tiles, not pixels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotation.core.intervals import Ints
from annotation.core.measures import CellMeasures

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Observations:
    """Columns of one length n, sorted by cell, then by frame; each (cell, t) once.

    Centroids (z in planes, y and x in px) are means over all pixels of the cell in that frame; bounds hold
    both ends.
    """

    cell: Ints
    t: Ints
    area_px: Ints
    z: Floats
    y: Floats
    x: Floats
    y_min: Ints
    x_min: Ints
    y_max: Ints
    x_max: Ints

    def __len__(self) -> int:
        return int(self.cell.size)

    def __getitem__(self, chosen: Any) -> "Observations":
        """Some of the rows; the caller keeps them in order."""
        return Observations(*(getattr(self, column.name)[chosen] for column in fields(self)))

    @cached_property
    def size_px(self) -> Floats:
        """How wide a cell is: the side of a square with the area of its bounds."""
        return np.sqrt((self.y_max - self.y_min + 1.0) * (self.x_max - self.x_min + 1.0))


class Tracks(NamedTuple):
    """One entry a cell, ascending: its rows `begin` ≤ i < `end` of the observations, and its frames."""

    cell: Ints
    begin: Ints
    end: Ints
    first: Ints
    last: Ints

    def place(self) -> dict[int, int]:
        """The entry of each cell."""
        return {cell: i for i, cell in enumerate(self.cell.tolist())}


class Hole(NamedTuple):
    """Frames first ≤ t ≤ last in which a cell is missing within its span."""

    first: int
    last: int


def gather(tiles: Iterable[tuple[int, int, CellMeasures]]) -> Observations:
    """Rows from the measures of tiles (t, z, stats): a cell in several tiles or slices of a frame is one
    row."""
    parts = [(t, z, stats) for t, z, stats in tiles if len(stats)]
    if not parts:
        return _rows(*(np.zeros(0, np.int64) for _ in range(10)))
    counts = [len(stats) for *_, stats in parts]
    t, z = (np.repeat([part[i] for part in parts], counts).astype(np.int64) for i in (0, 1))
    columns = [
        np.concatenate(column) for column in zip(*(stats.columns() for *_, stats in parts), strict=True)
    ]
    return _rows(t, z, columns[0].astype(np.int64), *columns[1:])


def _rows(
    t: Ints, z: Ints, cell: Ints, area: Ints, sum_y: Ints, sum_x: Ints, y0: Ints, x0: Ints, y1: Ints, x1: Ints
) -> Observations:
    order = np.lexsort((t, cell))
    t, z, cell, area, sum_y, sum_x, y0, x0, y1, x1 = (
        column[order] for column in (t, z, cell, area, sum_y, sum_x, y0, x0, y1, x1)
    )
    new = np.ones(t.size, bool)
    new[1:] = (cell[1:] != cell[:-1]) | (t[1:] != t[:-1])
    at = np.flatnonzero(new)
    if at.size == 0:
        none = np.zeros(0)
        return Observations(cell, t, area, none, none, none, y0, x0, y1, x1)
    whole = np.add.reduceat(area, at)
    mid_z, mid_y, mid_x = (np.add.reduceat(part, at) / whole for part in (z * area, sum_y, sum_x))
    low_y, low_x = (np.minimum.reduceat(part, at) for part in (y0, x0))
    high_y, high_x = (np.maximum.reduceat(part, at) for part in (y1, x1))
    return Observations(cell[at], t[at], whole, mid_z, mid_y, mid_x, low_y, low_x, high_y, high_x)


def tracks_of(seen: Observations) -> Tracks:
    """The cells with the rows and frames of each."""
    begin = np.flatnonzero(np.diff(seen.cell, prepend=-1))
    end = np.append(begin[1:], len(seen)) if begin.size else begin
    return Tracks(seen.cell[begin], begin, end, seen.t[begin], seen.t[end - 1])


def holes_of(cell: Ints, t: Ints) -> dict[int, list[Hole]]:
    """The gaps of each cell that has any, from its frames sorted by (cell, t); frames may repeat."""
    before = np.flatnonzero((cell[1:] == cell[:-1]) & (np.diff(t) > 1))
    holes: dict[int, list[Hole]] = {}
    rows = zip(cell[before].tolist(), t[before].tolist(), t[before + 1].tolist(), strict=True)
    for name, last_seen, seen_again in rows:
        holes.setdefault(name, []).append(Hole(last_seen + 1, seen_again - 1))
    return holes


@dataclass(frozen=True, eq=False)
class Followed:
    """What is known of the cells of a movie: where they were seen, who comes from whom, how they end.

    `mothers` are pairs (daughter, mother), so that a broken lineage with two mothers can be said. `merged`
    maps a cell to the one it went into; `ended` are cells whose end somebody has explained. `settled` are
    cells that a person has locked or that are to be ignored: nothing is said of them.
    """

    seen: Observations
    mothers: Sequence[tuple[int, int]]
    frames: int
    height: int
    width: int
    merged: Mapping[int, int]
    ended: frozenset[int] = frozenset()
    settled: frozenset[int] = frozenset()

    def touches_border(self, margin_px: float = 1.0) -> NDArray[np.bool_]:
        """Of each row, whether the cell comes so near to the border of the image."""
        seen = self.seen
        low = np.minimum(seen.y_min, seen.x_min) < margin_px
        high = np.minimum(self.height - 1 - seen.y_max, self.width - 1 - seen.x_max) < margin_px
        return np.asarray(low | high)
