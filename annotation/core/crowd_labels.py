"""What a crowd said, put into the labels of one plane. A plane is a set of pixels (on the number line of
`core.runs`) for every cell; what nobody asked about stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotation.core import crops, intervals, stitching
from annotation.core.crops import Box, Crop
from annotation.core.edit_values import ROW
from annotation.core.intervals import Intervals, Ints
from annotation.core.layers import layers_of
from annotation.core.stitching import Drawn

Plane = dict[int, Intervals]
CENTRE_PX = 4
DOUBLE_PX = 6.0


@dataclass
class Ids:
    """Ids that no cell has yet."""

    next_cell: int

    def take(self) -> int:
        """One of them."""
        self.next_cell += 1
        return self.next_cell - 1


@dataclass(frozen=True, eq=False)
class Tile:
    """The consensus of a tile: masks or points in px of its crop, and how sure it is."""

    crop: Crop
    masks: tuple[Ints, ...] = ()
    points: tuple[tuple[float, float], ...] = ()
    certainty: float = 1.0


@dataclass
class Said:
    """What came of it: how sure the crowd was of cells that it drew, and how many cells are not as they
    were."""

    certainty: dict[int, float] = field(default_factory=dict)
    changes: int = 0

    def sure_of(self, cell: int, certainty: float) -> None:
        """Note a cell, with the least certainty of all that was said of it."""
        self.certainty[cell] = min(certainty, self.certainty.get(cell, 1.0))


def draw_tiles(plane: Plane, tiles: Sequence[Tile], ids: Ids, said: Said) -> Plane:
    """The plane with the homes of the tiles drawn anew."""
    joined = stitching.join([Drawn(tile.crop, tile.masks) for tile in tiles])
    homes = [tile.crop.home for tile in tiles]
    after, names = stitching.lay_over(plane, joined, homes, next_cell=ids.next_cell)
    ids.next_cell = max(ids.next_cell, max(names, default=0) + 1)
    for one, name in zip(joined, names, strict=True):
        sure = [tiles[tile].certainty for tile, _ in one.members]
        said.sure_of(name, sum(sure) / len(sure))
    said.changes += _changes(plane, after)
    return after


def redraw(
    plane: Plane, cell: int, box: Box, masks: Sequence[Ints], ids: Ids, said: Said, sure: float
) -> Plane:
    """The plane with one cell outlined anew inside a crop (masks in px of the crop). What other cells have
    stays theirs. Of several masks the one most like the cell is the cell; the others are new. None: nothing
    changes."""
    if not masks:
        return plane
    drawn = [stitching.line_of(crops.moved(mask, box.y0, box.x0)) for mask in masks]
    old = plane.get(cell, intervals.EMPTY)
    drawn.sort(key=lambda line: (intervals.intersection(line, old).size(), line.size()), reverse=True)
    others = _union(line for other, line in plane.items() if other != cell)
    after = dict(plane)
    beyond = intervals.difference(old, stitching.box_line(box))
    for i, line in enumerate(drawn):
        name = cell if i == 0 else ids.take()
        free = intervals.difference(line, others)
        after[name] = intervals.union(beyond, free) if i == 0 else free
        others = intervals.union(others, free)
        said.sure_of(name, sure)
    kept = {name: line for name, line in after.items() if line.size()}
    said.changes += _changes(plane, kept)
    return kept


def mark_centres(plane: Plane, tiles: Sequence[Tile], shape: tuple[int, int], ids: Ids, said: Said) -> Plane:
    """The plane with a small disc at every centre on which no cell lies."""
    after = dict(plane)
    taken = _union(plane.values())
    for y, x, certainty in _centres(tiles):
        disc = _disc(y, x, shape)
        if not intervals.intersection(disc, taken).size():
            name = ids.take()
            after[name] = disc
            said.sure_of(name, certainty)
            said.changes += 1
            taken = intervals.union(taken, disc)
    return after


def _centres(tiles: Sequence[Tile]) -> list[tuple[float, float, float]]:
    """(y, x, certainty) px of the image. A tile speaks for its home; one cell that two tiles put on either
    side of the border between their homes is one."""
    kept: list[tuple[float, float, float, int]] = []
    for i, tile in enumerate(tiles):
        for y, x in tile.points:
            at_y, at_x, home = y + tile.crop.box.y0, x + tile.crop.box.x0, tile.crop.home
            at_home = home.y0 <= at_y < home.y1 and home.x0 <= at_x < home.x1
            known = any(j != i and np.hypot(at_y - b, at_x - a) <= DOUBLE_PX for b, a, _, j in kept)
            if at_home and not known:
                kept.append((at_y, at_x, tile.certainty, i))
    return [(y, x, certainty) for y, x, certainty, _ in kept]


def _disc(y: float, x: float, shape: tuple[int, int]) -> Intervals:
    rows = np.arange(max(0, round(y) - CENTRE_PX), min(shape[0], round(y) + CENTRE_PX + 1))
    half = np.sqrt(np.maximum(CENTRE_PX**2 - (rows - round(y)) ** 2, 0)).astype(np.int64)
    first, last = np.maximum(round(x) - half, 0), np.minimum(round(x) + half + 1, shape[1])
    return intervals.union_of(rows * ROW + first, rows * ROW + last)


def _union(lines: Iterable[Intervals]) -> Intervals:
    several = list(lines)
    if not several:
        return intervals.EMPTY
    starts = np.concatenate([line.starts for line in several])
    return intervals.union_of(starts, np.concatenate([line.ends for line in several]))


def _changes(before: Mapping[int, Intervals], after: Mapping[int, Intervals]) -> int:
    return sum(not _equal(before.get(cell), after.get(cell)) for cell in before.keys() | after.keys())


def _equal(one: Intervals | None, other: Intervals | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one.starts, other.starts) and np.array_equal(one.ends, other.ends)


def planes_of(plane: Mapping[int, Intervals], height: int, width: int) -> NDArray[np.uint32]:
    """The same as planes (p, y, x) of ids, as labels are stored."""
    pixels, cells = [np.zeros(0, np.int64)], [np.zeros(0, np.uint32)]
    for cell, line in sorted(plane.items()):
        at = intervals.expand(line.starts, line.ends - line.starts)
        pixels.append((at // ROW) * width + at % ROW)
        cells.append(np.full(at.size, cell, np.uint32))
    layers = layers_of(np.concatenate(pixels), np.concatenate(cells), height * width)
    return layers.reshape(-1, height, width)
