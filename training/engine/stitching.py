"""Frames too large to be decoded at once: block by block, each cell once, memory bounded by the block.

A block is read and decoded with a margin around it, and has those cells whose middle lies in it; so a cell
on a seam is drawn whole by one block. Regions of a class have no such bound: they are labelled block by
block, and those that touch across a seam are one (union-find over the seams).
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import zarr
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from training.contract.results import CellEntry
from training.engine.decoding.regions import class_map
from training.engine.found import FoundCells, entries_of

Maps = npt.NDArray[np.float32]
Labels = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int64]
Shown = TypeVar("Shown")
"""What is known of a window and told to what finds cells in it: maps, or more."""

LARGE_PX = 1 << 23
"""Frames of more pixels are predicted block by block."""
BLOCK_PX, MARGIN_PX = 2048, 160
"""Arrays of such a block with its margins are small enough (32 MiB) that memory is taken up again instead of
asked for: decoding takes a third of the time of blocks of 4,000 px, and putting maps together a fifth."""
SLACK_PX = 4
"""A cell whose middle lies so little before its block is taken if the block before did not."""
_SAME = 0.5


@dataclass(frozen=True)
class LargeFrame(Generic[Shown]):
    """A frame of `size`, of any window of which `maps` can be asked; its labels go to `output` (p, t, z, y,
    x) at (t, z). `raise_if_asked_to_stop` is called before each block."""

    size: tuple[int, int]
    maps: Callable[[slice, slice], Shown]
    output: zarr.Array[Any]
    at: tuple[int, int]
    raise_if_asked_to_stop: Callable[[], None]

    def read(self, rows: slice, columns: slice) -> Labels:
        """Labels (p, y, x) written so far."""
        return np.asarray(self.output[:, *self.at, rows, columns], np.uint32)

    def write(self, rows: slice, columns: slice, labels: Labels) -> None:
        """Labels (p, y, x) of a window; the output gets more planes where it needs them."""
        if len(labels) > self.output.shape[0]:
            self.output.resize((len(labels), *self.output.shape[1:]))
        self.output[: len(labels), *self.at, rows, columns] = labels


class FindInLarge(Protocol):
    """Writes what is found in a large frame of maps (k, y, x), with ids that follow `before`; lists it."""

    def __call__(self, frame: LargeFrame[Maps], before: int, /) -> list[CellEntry]: ...


def cells_by_block(
    find: Callable[[Shown], FoundCells], *, block_px: int = BLOCK_PX, margin_px: int = MARGIN_PX
) -> Callable[[LargeFrame[Shown], int], list[CellEntry]]:
    """Cells, none of which may be larger than the margin where it crosses a seam; as FindInLarge."""

    def find_in(frame: LargeFrame[Shown], before: int) -> list[CellEntry]:
        entries: list[CellEntry] = []
        for core, window, maps in _read_ahead(frame, block_px, margin_px):
            frame.raise_if_asked_to_stop()
            entries += _take(frame, core, window, find(maps), before + len(entries))
        return entries

    return find_in


def _read_ahead(
    frame: LargeFrame[Shown], block_px: int, margin_px: int
) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice], Shown]]:
    """Each block, the window around it and the window's maps: while one is decoded, the next is read."""
    places = [(core, _widened(core, margin_px, frame.size)) for core in blocks(frame.size, block_px)]
    with ThreadPoolExecutor(1) as reading:
        coming = reading.submit(frame.maps, *places[0][1])
        for place, (core, window) in enumerate(places):
            maps = coming.result()
            if place + 1 < len(places):
                coming = reading.submit(frame.maps, *places[place + 1][1])
            yield core, window, maps


def blocks(size: tuple[int, int], block_px: int) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of blocks of about `block_px` that cover a frame without overlap, row by row."""
    cuts = [
        np.linspace(0, length, max(1, round(length / block_px)) + 1).round().astype(int).tolist()
        for length in size
    ]
    for top, bottom in zip(cuts[0][:-1], cuts[0][1:], strict=True):
        for left, right in zip(cuts[1][:-1], cuts[1][1:], strict=True):
            yield slice(top, bottom), slice(left, right)


def _widened(core: tuple[slice, slice], margin: int, size: tuple[int, int]) -> tuple[slice, slice]:
    rows, columns = (
        slice(max(0, span.start - margin), min(length, span.stop + margin))
        for span, length in zip(core, size, strict=True)
    )
    return rows, columns


def _take(
    frame: LargeFrame[Any],
    core: tuple[slice, slice],
    window: tuple[slice, slice],
    found: FoundCells,
    before: int,
) -> list[CellEntry]:
    """Draws those found cells that belong to a block and are not there yet; lists them."""
    planes = found.labels if found.labels.ndim == 3 else found.labels[None]
    there = frame.read(*window)
    mine = _belongs(planes, core, window, len(found.quality))
    mine[1:] &= ~_drawn(planes, there, mine)
    numbers = np.where(mine, np.cumsum(mine) + before, 0).astype(np.uint32)
    drawn = _draw(numbers[planes], there)
    frame.write(*window, drawn)
    keep = mine[1:]
    boxes = None
    if found.boxes is not None:
        corner = np.tile([window[0].start, window[1].start], 2)
        boxes = (found.boxes + corner).astype(np.float32)[keep]
    classes = None if found.classes is None else found.classes[keep]
    return entries_of(FoundCells(found.labels, found.quality[keep], classes, boxes), before)


def _belongs(
    planes: Labels, core: tuple[slice, slice], window: tuple[slice, slice], count: int
) -> npt.NDArray[np.bool_]:
    """Whether each cell, (count + 1,), has its middle in the block, or just before it."""
    at = np.flatnonzero(planes)
    cells = planes.ravel()[at]
    ys, xs = np.divmod(at % (planes.shape[1] * planes.shape[2]), planes.shape[2])
    area = np.maximum(np.bincount(cells, minlength=count + 1), 1)
    y = np.bincount(cells, ys, count + 1) / area + window[0].start
    x = np.bincount(cells, xs, count + 1) / area + window[1].start
    inside = (y >= core[0].start - SLACK_PX) & (y < core[0].stop)
    inside &= (x >= core[1].start - SLACK_PX) & (x < core[1].stop)
    inside[0] = False
    return np.asarray(inside, np.bool_)


def _drawn(planes: Labels, there: Labels, mine: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which cells 1 … n, (n,), have been drawn by a block before: most of them is one cell that is there."""
    area = np.bincount(planes.ravel(), minlength=len(mine))
    result = np.zeros(len(mine), bool)
    for other in there:
        at = np.flatnonzero(other)  # but for the seams it is empty
        for plane in planes:
            here = at[mine[plane.ravel()[at]]]
            pair = plane.ravel()[here].astype(np.uint64) << np.uint64(32) | other.ravel()[here]
            codes, shared = np.unique(pair, return_counts=True)
            cell = (codes >> np.uint64(32)).astype(np.int64)
            result[cell[shared > _SAME * area[cell]]] = True
    return result[1:]


def _draw(new: Labels, there: Labels) -> Labels:
    """New cells (p, y, x) beside those that are there (q, y, x). Without overlaps they have the free pixels;
    with them a cell that finds its plane taken goes to the first one that is free."""
    depth = max(len(new), len(there))
    drawn = np.zeros((depth, *there.shape[1:]), np.uint32)
    drawn[: len(there)] = there
    for place, plane in enumerate(new):
        clash = (plane > 0) & (drawn[place] > 0)
        moved = np.unique(plane[clash]) if depth > 1 else np.array([], np.uint32)
        stays = plane if not len(moved) else np.where(np.isin(plane, moved), 0, plane)
        drawn[place] = np.where(drawn[place] > 0, drawn[place], stays)
        for cell in moved:
            at = plane == cell
            free = next((k for k in range(len(drawn)) if not drawn[k][at].any()), None)
            if free is None:
                drawn = np.concatenate([drawn, np.zeros_like(drawn[:1])])
                free = len(drawn) - 1
            drawn[free][at] = cell
    return drawn


def regions_by_block(size_px: int, *, block_px: int = BLOCK_PX) -> FindInLarge:
    """Regions of one class, of any size, as `decoding.regions.decode` finds them in the whole."""

    def find_in(frame: LargeFrame[Maps], before: int) -> list[CellEntry]:
        pieces = _Pieces(frame.size[1])
        for core in blocks(frame.size, block_px):
            frame.raise_if_asked_to_stop()
            frame.write(*core, pieces.add(frame.maps(*core), core)[None].astype(np.uint32))
        numbers, classes, share = pieces.joined(size_px)
        table = np.where(numbers > 0, numbers + before, 0).astype(np.uint32)
        for core in blocks(frame.size, block_px):
            frame.write(*core, table[frame.read(*core)[:1]])
        return entries_of(FoundCells(np.zeros((1, 1), np.uint32), share, classes), before)

    return find_in


class _Pieces:
    """Parts of regions, numbered from 1 as they come, and which of them touch across a seam."""

    def __init__(self, width: int) -> None:
        self.count, self.width = 0, width
        self.classes: list[Ints] = []
        self.first: list[Ints] = []
        self.area: list[Ints] = []
        self.share: list[npt.NDArray[np.float64]] = []
        self.touching: list[Ints] = []
        self.above = np.zeros((2, width), np.int64)
        self.left: Ints | None = None

    def add(self, maps: Maps, core: tuple[slice, slice]) -> Ints:
        """Pieces (y, x) of a block, from its shares of the classes (k, y, x)."""
        kinds = class_map(maps)
        labels = np.zeros(kinds.shape, np.int64)
        for k in range(1, len(maps)):
            regions, count = ndimage.label(kinds == k)
            labels = np.where(regions > 0, regions + self.count, labels)
            self.classes.append(np.full(count, k, np.int64))
            self._measure(np.asarray(regions), count, maps[k], core)
            self.count += count
        self._touch(labels, kinds, core)
        return labels

    def _measure(
        self, regions: npt.NDArray[np.int32], count: int, share: Maps, core: tuple[slice, slice]
    ) -> None:
        at = np.flatnonzero(regions)
        piece = regions.ravel()[at] - 1
        y, x = np.divmod(at, regions.shape[1])
        first = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(first, piece, (y + core[0].start) * self.width + x + core[1].start)
        self.first.append(first)
        self.area.append(np.bincount(piece, minlength=count))
        self.share.append(np.asarray(np.bincount(piece, share.ravel()[at], count), np.float64))

    def _touch(self, labels: Ints, kinds: Ints, core: tuple[slice, slice]) -> None:
        """Notes what touches pieces of the blocks above and on the left, and keeps this block's borders."""
        rows, columns = core
        both = np.stack([labels, kinds])
        seams = [(self.above[:, columns], both[:, 0])] if rows.start else []
        if columns.start and self.left is not None:
            seams.append((self.left, both[:, :, 0]))
        for there, here in seams:
            same = (there[0] > 0) & (here[0] > 0) & (there[1] == here[1])
            self.touching.append(np.stack([there[0][same], here[0][same]]))
        self.above[:, columns] = both[:, -1]
        self.left = both[:, :, -1].copy()

    def joined(self, size_px: int) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
        """The number of each piece's region, (pieces + 1,), 0 for small ones; class and mean share of each
        region, in the order of classes and of their first pixels."""
        edges = np.concatenate([*self.touching, np.zeros((2, 0), np.int64)], axis=1)
        graph = coo_array((np.ones(edges.shape[1]), (edges[0], edges[1])), shape=(self.count + 1,) * 2)
        count, region = connected_components(graph, directed=False)
        pieces = region[1:]
        area = np.bincount(pieces, np.concatenate([*self.area, []]), count)
        share = np.bincount(pieces, np.concatenate([*self.share, []]), count) / np.maximum(area, 1)
        kinds, first = np.zeros(count, np.int64), np.full(count, np.iinfo(np.int64).max)
        kinds[pieces] = np.concatenate([*self.classes, np.zeros(0, np.int64)])
        np.minimum.at(first, pieces, np.concatenate([*self.first, np.zeros(0, np.int64)]))
        order = [int(k) for k in np.lexsort((first, kinds)) if area[k] >= max(size_px, 1)]
        number = np.zeros(count, np.int64)
        number[order] = np.arange(1, len(order) + 1)
        number = number[region]
        number[0] = 0
        return number, kinds[order], share[order]
