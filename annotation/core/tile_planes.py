"""Label planes (p, y, x) as tiles and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import intervals
from annotation.core.edit_values import TILE_PX
from annotation.core.intervals import Intervals, Ints
from annotation.core.layers import layers_of
from annotation.core.tile_content import CELL_STRIDE, TILE_AREA, TileContent, from_intervals


def _tile_intervals(picture: NDArray[Any]) -> Intervals:
    """Runs of one plane of one tile (256, 256), on the number line of `to_intervals`."""
    flat = picture.reshape(-1)
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts = np.concatenate(([0], edges))
    ends = np.append(edges, TILE_AREA)
    cells = flat[starts].astype(np.int64)
    inside = cells > 0
    shift = cells[inside] * CELL_STRIDE
    return Intervals(shift + starts[inside], shift + ends[inside])


def _whole_tile(plane: NDArray[Any], ty: int, tx: int) -> NDArray[Any]:
    part = plane[ty * TILE_PX : (ty + 1) * TILE_PX, tx * TILE_PX : (tx + 1) * TILE_PX]
    if part.shape == (TILE_PX, TILE_PX):
        return part
    whole = np.zeros((TILE_PX, TILE_PX), plane.dtype)
    whole[: part.shape[0], : part.shape[1]] = part
    return whole


def tile_of_planes(planes: NDArray[Any], ty: int, tx: int) -> TileContent:
    """The tile at (ty, tx) of planes (p, y, x); 0 is background."""
    parts = [_tile_intervals(_whole_tile(plane, ty, tx)) for plane in planes]
    starts = np.concatenate([part.starts for part in parts])
    ends = np.concatenate([part.ends for part in parts])
    return from_intervals(intervals.union_of(starts, ends))


def tiles_of_planes(planes: NDArray[Any]) -> dict[tuple[int, int], TileContent]:
    """All tiles with a cell in them, by (ty, tx), of integer planes (p, y, x) whose values are cell ids."""
    _, height, width = planes.shape
    tiles = {}
    for ty in range(-(-height // TILE_PX)):
        for tx in range(-(-width // TILE_PX)):
            content = tile_of_planes(planes, ty, tx)
            if len(content):
                tiles[ty, tx] = content
    return tiles


def _pixels(content: TileContent) -> tuple[Ints, NDArray[np.uint32]]:
    """(flat pixel, cell) of every membership, cells ascending."""
    owner = np.repeat(content.ids, content.counts)
    pixels = intervals.expand(content.starts.astype(np.int64), content.lengths.astype(np.int64))
    return pixels, np.repeat(owner, content.lengths)


def planes_of_tile(content: TileContent) -> NDArray[np.uint32]:
    """Planes (p, 256, 256) of one tile: each pixel's cells in ascending order on planes 0, 1, …; p >= 1."""
    planes = layers_of(*_pixels(content), TILE_AREA)
    return planes.reshape(-1, TILE_PX, TILE_PX)


def _has_overlap(content: TileContent) -> bool:
    order = np.argsort(content.starts, kind="stable")
    starts = content.starts[order].astype(np.int64)
    ends = starts + content.lengths[order]
    return bool((starts[1:] < ends[:-1]).any())


def _single_plane(content: TileContent) -> NDArray[np.uint32]:
    flat = np.zeros(TILE_AREA, np.uint32)
    pixels, cells = _pixels(content)
    flat[pixels] = cells
    return flat.reshape(1, TILE_PX, TILE_PX)


def planes_of_tiles(
    tiles: Mapping[tuple[int, int], TileContent], height: int, width: int
) -> NDArray[np.uint32]:
    """Planes (p, y, x) of one frame, uint32; p = 1 when nothing overlaps.

    Each pixel's cells lie in ascending order on the first planes.
    """
    parts = {at: planes_of_tile(c) if _has_overlap(c) else _single_plane(c) for at, c in tiles.items()}
    depth = max((len(part) for part in parts.values()), default=1)
    planes = np.zeros((depth, height, width), np.uint32)
    for (ty, tx), part in parts.items():
        into = planes[: len(part), ty * TILE_PX : (ty + 1) * TILE_PX, tx * TILE_PX : (tx + 1) * TILE_PX]
        into[...] = part[:, : into.shape[1], : into.shape[2]]
    return planes
