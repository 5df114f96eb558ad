"""Cells that share pixels in a frame: which pairs could, by their bounds, and which do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.core import intervals
from annotation.core.alert_values import RULES, Alert, AlertKind, Known, Rules
from annotation.core.intervals import Intervals
from annotation.core.observations import Observations
from annotation.core.tile_content import TileContent

Pair = tuple[int, int]

# ---------------------------------------------------------------- overlap


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two cells that share so many pixels of frame t."""

    t: int
    a: int
    b: int
    shared_px: int


def overlap_candidates(seen: Observations) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of rows (i, j) of one frame whose bounds overlap by enough to share a fifth of the smaller cell.

    Cells of a frame are compared within blocks as wide as the widest bounds, so the cost grows with what lies
    side by side.
    """
    if len(seen) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    pairs = _neighbours(seen)
    i, j = pairs
    high = np.minimum(seen.y_max[i], seen.y_max[j]) - np.maximum(seen.y_min[i], seen.y_min[j]) + 1
    wide = np.minimum(seen.x_max[i], seen.x_max[j]) - np.maximum(seen.x_min[i], seen.x_min[j]) + 1
    room = np.maximum(high, 0) * np.maximum(wide, 0)
    enough = room >= RULES.overlap_share * np.minimum(seen.area_px[i], seen.area_px[j])
    close = np.hypot(seen.y[i] - seen.y[j], seen.x[i] - seen.x[j]) < 0.75 * np.maximum(
        seen.size_px[i], seen.size_px[j]
    )
    return i[enough & close], j[enough & close]


def _neighbours(seen: Observations) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of rows of one frame that lie in the same block or in blocks side by side."""
    block = max(float(np.percentile(seen.size_px, 99)), 1.0)
    row, column = (seen.y / block).astype(np.int64), (seen.x / block).astype(np.int64)
    across = int(column.max()) + 3
    key = (seen.t * (int(row.max()) + 3) + row + 1) * across + column + 1
    order = np.argsort(key, kind="stable")
    keys = key[order]
    left: list[NDArray[np.int64]] = []
    right: list[NDArray[np.int64]] = []
    for step in (0, 1, across - 1, across, across + 1):
        first = np.searchsorted(keys, keys + step, side="left")
        last = np.searchsorted(keys, keys + step, side="right")
        if step == 0:
            first = np.arange(keys.size) + 1
        count = np.maximum(last - first, 0)
        i = np.repeat(np.arange(keys.size), count)
        j = np.arange(i.size) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
        left.append(order[i])
        right.append(order[j])
    return np.concatenate(left), np.concatenate(right)


def shared_pixels(tiles: Iterable[TileContent], pairs: Iterable[Pair]) -> dict[Pair, int]:
    """How many pixels each of these pairs of cells shares in these tiles of one frame; pairs that share none
    are left out."""
    shared: dict[Pair, int] = {}
    wanted = list(pairs)
    for tile in tiles:
        if not _has_overlap(tile):
            continue
        place = {cell: i for i, cell in enumerate(tile.ids.tolist())}
        end = np.cumsum(tile.counts.astype(np.int64))
        for a, b in wanted:
            if a in place and b in place:
                both = intervals.intersection(*(_runs(tile, end, place[cell]) for cell in (a, b)))
                if both.starts.size:
                    shared[a, b] = shared.get((a, b), 0) + both.size()
    return shared


def _has_overlap(tile: TileContent) -> bool:
    starts, lengths = tile.starts.astype(np.int64), tile.lengths.astype(np.int64)
    order = np.argsort(starts, kind="stable")
    return bool(np.any(starts[order][1:] < (starts + lengths)[order][:-1]))


def _runs(tile: TileContent, end: NDArray[np.int64], place: int) -> Intervals:
    mine = slice(int(end[place]) - int(tile.counts[place]), int(end[place]))
    starts = tile.starts[mine].astype(np.int64)
    return Intervals(starts, starts + tile.lengths[mine].astype(np.int64))


def overlapping(known: Known, overlaps: Iterable[Overlap], rules: Rules) -> Iterator[Alert]:
    seen = known.movie.seen
    rows = {}
    for t, a, b, shared in ((o.t, o.a, o.b, o.shared_px) for o in overlaps):
        for cell in (a, b):
            if (cell, t) not in rows:
                i = known.place[cell]
                begin, end = int(known.tracks.begin[i]), int(known.tracks.end[i])
                rows[cell, t] = begin + int(np.searchsorted(seen.t[begin:end], t))
        smaller = min((a, b), key=lambda cell: (int(seen.area_px[rows[cell, t]]), cell))
        share = shared / int(seen.area_px[rows[smaller, t]])
        if share >= rules.overlap_share:
            other = b if smaller == a else a
            text = f"Cell {smaller} shares {100 * share:.0f} % of its pixels with cell {other} in frame {t}."
            yield known.alert(AlertKind.OVERLAP, smaller, t, text, [other], share)
