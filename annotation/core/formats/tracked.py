"""Cells of a movie that other programs keep as points, discs or outlines with links, going in or out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.draw import polygon2mask
from skimage.measure import find_contours

from annotation.core.formats.base import ImageSource, LabelFrame, LabelStack, RefusedFile
from annotation.core.formats.told_cells import Told
from annotation.core.tracks import detections, graph
from annotation.core.tracks.graph import Ints, LineageGraph

Points = NDArray[np.float64]
DEFAULT_RADIUS_PX = 5.0


# ---------------------------------------------------------------- out


def graph_of(labels: LabelStack) -> LineageGraph:
    """Detections with their middles and sizes, links and births. Reads every frame once."""
    t, cells, places, areas = [], [], [], []
    size_t, size_z, _, _ = labels.shape_tzyx
    for frame in range(size_t):
        slices = [labels.read(frame, z) for z in range(size_z)]
        depth = max(len(one) for one in slices)
        volume = np.stack([np.pad(s, ((0, depth - len(s)), (0, 0), (0, 0))) for s in slices], axis=1)
        found, counts = np.unique(volume[volume > 0], return_counts=True)
        t.append(np.full(found.size, frame))
        cells.append(found.astype(np.int64))
        places.append(detections.middles(volume, found.astype(np.int64)))
        areas.append(counts)
    return graph.of_cells(
        np.concatenate(t),
        np.concatenate(cells),
        labels.mothers,
        np.concatenate(places),
        np.concatenate(areas),
    )


def outlines(planes: NDArray[np.uint32], holes: Counter[int] | None = None) -> Iterator[tuple[int, Points]]:
    """(cell, closed outline (n, 2) as y, x) of every piece of every cell of a slice (p, y, x), halfway
    between the pixels inside and outside; the middle of a pixel has whole numbers. Holes are not told, only
    counted by cell in `holes`.
    """
    for plane in planes:
        for cell in np.unique(plane[plane > 0]).tolist():
            rows, columns = np.nonzero(plane == cell)
            top, left = rows.min(), columns.min()
            mask = np.zeros((rows.max() - top + 3, columns.max() - left + 3))
            mask[rows - top + 1, columns - left + 1] = 1
            for contour in find_contours(mask, 0.5, fully_connected="high"):
                if _turns_right(contour):
                    yield cell, contour + np.array([top - 1, left - 1])
                elif holes is not None:
                    holes[cell] += 1


def _turns_right(contour: Points) -> bool:
    """Outer outlines go round one way, holes the other."""
    y, x = contour.T
    return bool(np.dot(y[:-1], x[1:]) - np.dot(y[1:], x[:-1]) < 0)


# ---------------------------------------------------------------- in


@dataclass(frozen=True)
class TrackedObject:
    """A cell in one frame: outlines (n, 2) as y, x in px, or a disc of `radius_px` about (z, y, x).

    The middle of a pixel has whole numbers. `z` None: an outline in every slice. `holes`: those of each
    outline.
    """

    t: int
    cell: int
    z: float | None = None
    y: float = 0.0
    x: float = 0.0
    radius_px: float = DEFAULT_RADIUS_PX
    outlines: tuple[Points, ...] = ()
    holes: tuple[tuple[Points, ...], ...] = ()


@dataclass(frozen=True)
class TrackedLabels:
    """Objects drawn as labels. Iterating gives (t, z, planes (p, y, x)); where two lie on each other, the
    later one is on a plane of its own."""

    objects: Sequence[TrackedObject]
    shape_tzyx: tuple[int, int, int, int]
    mothers: Mapping[int, int] = field(default_factory=dict)
    note: str = ""
    merged: Mapping[int, int] = field(default_factory=dict)
    classes: Mapping[int, str] = field(default_factory=dict)
    told: Told = field(default_factory=Told)

    @cached_property
    def _by_frame(self) -> dict[int, list[TrackedObject]]:
        found: dict[int, list[TrackedObject]] = {}
        for one in self.objects:
            found.setdefault(one.t, []).append(one)
        return found

    def __iter__(self) -> Iterator[LabelFrame]:
        size_t, size_z, height, width = self.shape_tzyx
        for t in range(size_t):
            for z in range(size_z):
                yield t, z, _drawn(self._by_frame.get(t, ()), z, size_z, height, width)


def _drawn(
    objects: Iterable[TrackedObject], z: int, depth: int, height: int, width: int
) -> NDArray[np.uint32]:
    layers = [np.zeros((height, width), np.uint32)]
    for one in objects:
        rows, columns = _pixels(one, z, depth, height, width)
        layer = next((k for k in layers if not k[rows, columns].any()), None)
        if layer is None:
            layers.append(layer := np.zeros((height, width), np.uint32))
        layer[rows, columns] = one.cell
    return np.stack(layers)


def _pixels(one: TrackedObject, z: int, depth: int, height: int, width: int) -> tuple[Any, Any]:
    """Rows and columns of the object's pixels in a slice."""
    if one.outlines:
        if one.z is not None and round(one.z) != z and depth > 1:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        return _inside(one.outlines, one.holes, height, width)
    off = 0.0 if one.z is None or depth == 1 else z - one.z
    reach = one.radius_px**2 - off**2
    if reach < 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    wide = int(np.ceil(one.radius_px)) + 1
    top, left = max(round(one.y) - wide, 0), max(round(one.x) - wide, 0)
    y, x = np.mgrid[top : min(round(one.y) + wide + 1, height), left : min(round(one.x) + wide + 1, width)]
    within = ((y - one.y) ** 2 + (x - one.x) ** 2 <= reach) | ((y == round(one.y)) & (x == round(one.x)))
    return y[within], x[within]


def _inside(
    rings: Sequence[Points], holes: Sequence[Sequence[Points]], height: int, width: int
) -> tuple[Any, Any]:
    """The pixels whose middle lies in any of the outlines and not in its holes."""
    every = np.concatenate(rings)
    top, left = np.maximum(np.floor(every.min(axis=0)).astype(int), 0)
    bottom, right = np.minimum(np.ceil(every.max(axis=0)).astype(int) + 1, (height, width))
    if bottom <= top or right <= left:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    inside = np.zeros((bottom - top, right - left), np.bool_)
    for ring, empty in zip_longest(rings, holes, fillvalue=()):
        piece = polygon2mask(inside.shape, np.asarray(ring) - (top, left))
        for hole in empty:
            piece &= ~polygon2mask(inside.shape, hole - (top, left))
        inside |= piece
    rows, columns = np.nonzero(inside)
    return rows + top, columns + left


def fitted(
    path: Path,
    objects: Sequence[TrackedObject],
    mothers: Mapping[int, int],
    image: ImageSource,
    note: str = "",
    merged: Mapping[int, int] | None = None,
    classes: Mapping[int, str] | None = None,
    told: Told = Told(),  # noqa: B008 (it is frozen)
) -> TrackedLabels:
    """Objects as labels of an image. Raises RefusedFile for frames that the image has not, and for none."""
    size_t, _, size_z, height, width = image.shape_tczyx
    if not objects:
        raise RefusedFile(path, "there is no cell in it")
    last = max(one.t for one in objects)
    if last >= size_t:
        raise RefusedFile(path, f"it tells of frame {last + 1}, the image has {size_t} time points")
    shape = (size_t, size_z, height, width)
    return TrackedLabels(objects, shape, dict(mothers), note, dict(merged or {}), dict(classes or {}), told)


def cells_of_links(
    count: int, t: Ints, links: Iterable[tuple[int, int]]
) -> tuple[Ints, dict[int, int], dict[int, int]]:
    """(cell of each of `count` detections, {daughter: mother}, {cell: the one that it merges into}) of links
    (earlier, later).

    A detection with one link out and one link in carries its cell on; two or more links out are a division.
    Of several links into one detection none carries on: a new cell begins, into which those merge that end
    there.
    """
    forward = sorted({(a, b) if t[a] < t[b] else (b, a) for a, b in links if t[a] != t[b]})
    out = np.bincount([a for a, _ in forward], minlength=count)
    into = np.bincount([b for _, b in forward], minlength=count)
    before = {b: a for a, b in forward if into[b] == 1}
    cell = np.zeros(count, np.int64)
    mothers: dict[int, int] = {}
    for i in np.argsort(t, kind="stable").tolist():
        mother = before.get(i)
        if mother is not None and out[mother] == 1:
            cell[i] = cell[mother]
            continue
        cell[i] = cell.max(initial=0) + 1
        if mother is not None:
            mothers[int(cell[i])] = int(cell[mother])
    merged = {int(cell[a]): int(cell[b]) for a, b in forward if into[b] > 1 and out[a] == 1}
    return cell, mothers, merged


def fusion_note(merged: Mapping[int, int]) -> str:
    """What is said where cells fuse."""
    places = len(set(merged.values()))
    return (
        f"Cells fuse in {places} places; each goes on as a new cell, into which they merge." if places else ""
    )


def filled(holes: Counter[int]) -> list[str]:
    """What is said where holes are not told."""
    return [f"Holes are filled in {len(holes)} cells: only outer outlines are told."] if holes else []


def not_read(names: Iterable[str]) -> str:
    """What is said of columns and properties that nothing was made of."""
    several = sorted(set(names))
    if not several:
        return ""
    more = f" and {len(several) - 12} more" if len(several) > 12 else ""
    return f"Not read: {', '.join(several[:12])}{more}."


def fusion_links(labels: LabelStack, lineage: LineageGraph) -> Ints:
    """Links (n, 2) from the last detection of each cell that merges to the next one of the cell that takes it
    up, as indices of detections; none where that cell ends before."""
    rows: dict[int, list[int]] = {}
    wanted = set(labels.merged) | set(labels.merged.values())
    for i, cell in enumerate(lineage.cell.tolist()):
        if cell in wanted:
            rows.setdefault(cell, []).append(i)
    found = []
    for cell, into in sorted(labels.merged.items()):
        last = max(rows.get(cell, ()), key=lambda i: int(lineage.t[i]), default=None)
        if last is None:
            continue
        later = [i for i in rows.get(into, ()) if lineage.t[i] > lineage.t[last]]
        if later:
            found.append((last, min(later, key=lambda i: int(lineage.t[i]))))
    return np.asarray(found, np.int64).reshape(-1, 2)
