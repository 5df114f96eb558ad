"""Which predicted cell stands for which true one, frame by frame, from pixels.

The rule of the Cell Tracking Challenge: a predicted cell stands for every true cell of which it covers more
than half. SEG is the mean IoU of true cells with the one that stands for them (0 for none), V. Ulman et al.
2017, doi:10.1038/nmeth.4473.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import matching
from annotation.core.tracks import graph
from annotation.core.tracks.aogm import Comparison, Matches
from annotation.core.tracks.graph import Floats, Ints, LineageGraph


@dataclass
class _Side:
    """Cells of one side, frame by frame, in ascending order of their numbers."""

    t: list[Ints] = field(default_factory=list)
    cell: list[Ints] = field(default_factory=list)
    place: list[Ints] = field(default_factory=list)
    area_px: list[Ints] = field(default_factory=list)
    size: int = 0

    def add(self, t: int, cells: Ints, place: Ints, area_px: Ints) -> int:
        """Enters a frame and answers how many detections came before it."""
        self.t.append(np.full(cells.size, t))
        self.cell.append(cells)
        self.place.append(place)
        self.area_px.append(area_px)
        self.size += cells.size
        return self.size - cells.size

    def graph(self, mothers: Mapping[int, int]) -> LineageGraph:
        """All detections with their places and sizes."""
        parts = (self.t, self.cell, self.area_px)
        t, cell, area_px = (np.concatenate(x) if x else np.zeros(0, np.int64) for x in parts)
        place = np.concatenate(self.place) if self.place else np.zeros((0, 3), np.int64)
        return graph.of_cells(t, cell, mothers, place, area_px)


class MovieMatching:
    """Collects the frames of a movie, which come in the order of time, into two graphs and their matches."""

    def __init__(self) -> None:
        self._truth, self._said = _Side(), _Side()
        self._rows: list[Ints] = []
        self._columns: list[Ints] = []
        self.seg_sum, self.seg_cells = 0.0, 0

    def add(
        self,
        t: int,
        truth: NDArray[Any],
        predicted: NDArray[Any],
        *,
        ignored: NDArray[np.bool_] | None = None,
        outlines: bool = True,
    ) -> None:
        """Frame t: labels (p, z, y, x) or (p, y, x) of both sides. Cells mostly in `ignored` count neither
        way; with `outlines` false the true cells are mere markers and count nothing for SEG.
        """
        if ignored is not None:
            truth, predicted = matching.outside(truth, ignored), matching.outside(predicted, ignored)
        table = matching.overlaps(truth, predicted)
        most = np.flatnonzero(2 * table.shared_px > table.truth_area_px[table.rows])
        rows = self._truth.add(t, table.truth_ids, middles(truth, table.truth_ids), table.truth_area_px)
        places = middles(predicted, table.predicted_ids)
        columns = self._said.add(t, table.predicted_ids, places, table.predicted_area_px)
        self._rows.append(table.rows[most] + rows)
        self._columns.append(table.columns[most] + columns)
        if outlines:
            self._count(table.iou[most], table.truth_ids.size)

    def add_outlines(self, truth: NDArray[Any], predicted: NDArray[Any]) -> None:
        """A frame, or slice, whose true outlines lie apart from the markers of the tracks; counts for SEG
        alone."""
        table = matching.overlaps(truth, predicted)
        most = 2 * table.shared_px > table.truth_area_px[table.rows]
        self._count(table.iou[most], table.truth_ids.size)

    def _count(self, iou: Floats, cells: int) -> None:
        self.seg_sum += float(iou.sum())
        self.seg_cells += cells

    @property
    def seg(self) -> float | None:
        """Mean IoU of true cells, None where no outline was seen."""
        return self.seg_sum / self.seg_cells if self.seg_cells else None

    def finish(self, mothers: Mapping[int, int], said_mothers: Mapping[int, int]) -> Comparison:
        """The two graphs side by side, with {daughter: mother} of each side."""
        rows, columns = (
            np.concatenate(x) if x else np.zeros(0, np.int64) for x in (self._rows, self._columns)
        )
        matches = Matches(rows, columns)
        return Comparison(self._truth.graph(mothers), self._said.graph(said_mothers), matches)


def middles(labels: NDArray[Any], cells: Ints) -> Ints:
    """(n, 3) The centroid of each cell as z, y, x, rounded to px; z is 0 in frames (p, y, x)."""
    if not cells.size:
        return np.zeros((0, 3), np.int64)
    inside = np.nonzero(labels)
    which = np.searchsorted(cells, labels[inside])
    times = np.maximum(np.bincount(which, minlength=cells.size), 1)
    axes = inside[1:] if labels.ndim == 4 else (np.zeros_like(inside[0]), *inside[1:])
    sums = [np.bincount(which, weights=axis, minlength=cells.size) for axis in axes]
    return np.stack([np.rint(s / times) for s in sums], axis=1).astype(np.int64)
