"""Which cells of a frame differ between two states of its labels, by their tiles.

Two states of one branch name their cells alike, so cells are compared by id. States of two branches (two
raters, a model and a person) do not: there the cells are paired one to one by overlap first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from annotation.core import intervals, matching, moves, tile_content
from annotation.core.intervals import Ints
from annotation.core.matching import Overlaps
from annotation.core.measures import CellMeasures, measure, merge_stats
from annotation.core.tile_content import TileContent
from annotation.core.tile_planes import planes_of_tile

Tiles = Mapping[tuple[int, int], TileContent]


class ChangeKind(StrEnum):
    """What became of a cell: there now, gone, other pixels, the same pixels under another number, or the same
    pixels and other facts."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"
    RENAMED = "RENAMED"
    FACTS = "FACTS"


@dataclass(frozen=True, slots=True)
class Pair:
    """A cell on both sides: its name before and after, the pixels in both, and both areas, px."""

    before: int
    after: int
    shared_px: int
    area_before_px: int
    area_after_px: int

    @property
    def iou(self) -> float:
        """Intersection over union; 1.0 only where nothing differs."""
        return self.shared_px / (self.area_before_px + self.area_after_px - self.shared_px)

    @property
    def is_same(self) -> bool:
        """Not one pixel differs."""
        return self.shared_px == self.area_before_px == self.area_after_px


@dataclass(frozen=True, slots=True)
class Sized:
    """A cell on one side alone, its area in px, and its centre."""

    cell: int
    area_px: int
    y: float
    x: float


@dataclass(frozen=True, slots=True)
class FrameComparison:
    """What two states of a frame have in common and what not; `centres` (y, x) px of the cells after."""

    pairs: tuple[Pair, ...]
    removed: tuple[Sized, ...]
    added: tuple[Sized, ...]
    centres: Mapping[int, tuple[float, float]]


def by_id(before: Tiles, after: Tiles) -> FrameComparison:
    """Compare two states in which a cell has one name."""
    old, new = _sized(before), _sized(after)
    shared = _shared_by_id(before, after)
    pairs = [
        Pair(cell, cell, shared.get(cell, 0), old[cell].area_px, new[cell].area_px)
        for cell in sorted(old.keys() & new.keys())
    ]
    return _comparison(pairs, old, new)


def by_names(before: Tiles, after: Tiles, names: Mapping[int, int]) -> FrameComparison:
    """Compare two states between which cells were renamed (name before → name after): each with itself."""
    if not names:
        return by_id(before, after)
    found = by_id({at: moves.rename(content, names) for at, content in before.items()}, after)
    first = {to: cell for cell, to in names.items()}
    return replace(
        found,
        pairs=tuple(replace(pair, before=first.get(pair.before, pair.before)) for pair in found.pairs),
        removed=tuple(replace(gone, cell=first.get(gone.cell, gone.cell)) for gone in found.removed),
    )


def by_overlap(before: Tiles, after: Tiles, *, least_iou: float) -> FrameComparison:
    """Compare two states whose names have nothing to do with each other.

    Cells are paired one to one where their IoU is at least `least_iou`: most pairs first, then most IoU.
    Raises ValueError for an IoU that is not above 0 and at most 1.
    """
    old, new = _sized(before), _sized(after)
    table = overlaps_of_tiles(before, after)
    shared = dict(
        zip(
            zip(
                table.truth_ids[table.rows].tolist(), table.predicted_ids[table.columns].tolist(), strict=True
            ),
            table.shared_px.tolist(),
            strict=True,
        )
    )
    matched = matching.match_overlaps(table, least_iou)
    pairs = [
        Pair(a, b, shared[a, b], old[a].area_px, new[b].area_px)
        for a, b in zip(matched.truth.tolist(), matched.predicted.tolist(), strict=True)
    ]
    return _comparison(pairs, old, new)


def _comparison(pairs: Sequence[Pair], old: Mapping[int, Sized], new: Mapping[int, Sized]) -> FrameComparison:
    gone = old.keys() - {pair.before for pair in pairs}
    come = new.keys() - {pair.after for pair in pairs}
    return FrameComparison(
        tuple(sorted(pairs, key=lambda pair: pair.after)),
        tuple(old[cell] for cell in sorted(gone)),
        tuple(new[cell] for cell in sorted(come)),
        {cell: (each.y, each.x) for cell, each in new.items()},
    )


def _measures(tiles: Tiles) -> CellMeasures:
    return merge_stats([measure(content, ty=ty, tx=tx) for (ty, tx), content in tiles.items()])


def _sized(tiles: Tiles) -> dict[int, Sized]:
    found = _measures(tiles)
    columns = (found.ids, found.area_px, found.centroid_y, found.centroid_x)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {cell: Sized(cell, area, round(y, 1), round(x, 1)) for cell, area, y, x in rows}


def _shared_by_id(before: Tiles, after: Tiles) -> dict[int, int]:
    """How many pixels each cell has both before and after."""
    shared = {}
    for at in before.keys() & after.keys():
        both = intervals.intersection(
            tile_content.to_intervals(before[at]), tile_content.to_intervals(after[at])
        )
        shared[at] = tile_content.from_intervals(both)
    found = _measures(shared)
    return dict(zip(found.ids.tolist(), found.area_px.tolist(), strict=True))


def overlaps_of_tiles(before: Tiles, after: Tiles) -> Overlaps:
    """The overlap table of a whole frame, made tile by tile: memory stays that of a tile."""
    old, new = _measures(before), _measures(after)
    keys, counts = _shared_pairs(before, after)
    found, where = np.unique(keys, return_inverse=True)
    shared = np.bincount(where, weights=counts, minlength=found.size).astype(np.int64)
    rows = np.searchsorted(old.ids.astype(np.int64), found >> 32)
    columns = np.searchsorted(new.ids.astype(np.int64), found & 0xFFFFFFFF)
    areas = old.area_px.astype(np.int64), new.area_px.astype(np.int64)
    return Overlaps(
        old.ids.astype(np.int64), areas[0], new.ids.astype(np.int64), areas[1],
        rows.astype(np.int64), columns.astype(np.int64), shared,
    )  # fmt: skip


def _shared_pairs(before: Tiles, after: Tiles) -> tuple[Ints, Ints]:
    """(cell before << 32 | cell after, shared pixels) of every tile, pairs repeated from tile to tile."""
    keys, counts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for at in before.keys() & after.keys():
        table = matching.overlaps(planes_of_tile(before[at]), planes_of_tile(after[at]))
        keys.append(table.truth_ids[table.rows] << 32 | table.predicted_ids[table.columns])
        counts.append(table.shared_px)
    return np.concatenate(keys), np.concatenate(counts)
