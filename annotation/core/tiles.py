"""Tiles, the front door: labels of one frame as tiles of 256 x 256 px, what is stored, sent and measured."""

from collections.abc import Mapping, Sequence

import numpy as np

from annotation.core import intervals
from annotation.core.edit_values import ROW, TILE_PX, PixelChange, Runs
from annotation.core.intervals import Intervals, Ints
from annotation.core.measures import CellMeasures, TileStats, count_cells, measure, merge_stats
from annotation.core.runs import runs_of_intervals
from annotation.core.tile_bytes import (
    BrokenTile,
    Frame,
    FrameTile,
    decode_frame,
    encode_frame,
    pack,
    unpack,
)
from annotation.core.tile_content import (
    CELL_STRIDE,
    EMPTY_TILE,
    TILE_AREA,
    TileContent,
    from_intervals,
    to_intervals,
)
from annotation.core.tile_planes import planes_of_tile, planes_of_tiles, tile_of_planes, tiles_of_planes

__all__ = [
    "EMPTY_TILE",
    "TILE_AREA",
    "TILE_PX",
    "BrokenTile",
    "CellMeasures",
    "Frame",
    "FrameTile",
    "InexactEdit",
    "TileContent",
    "TileStats",
    "apply",
    "count_cells",
    "decode_frame",
    "encode_frame",
    "measure",
    "merge_stats",
    "pack",
    "planes_of_tile",
    "planes_of_tiles",
    "runs_of_tiles",
    "tile_of_planes",
    "tiles_of_planes",
    "unpack",
]


class InexactEdit(ValueError):
    """An edit adds a pixel that was already in the cell, or removes one that was not."""

    def __init__(self, message: str, cells: Sequence[int]) -> None:
        super().__init__(message)
        self.cells = tuple(cells)


def _change_intervals(runs: Runs, cell: int, ty: int, tx: int) -> tuple[Ints, Ints]:
    table = np.asarray(runs, np.int64).reshape(-1, 3)
    y, x, n = table[:, 0] - ty * TILE_PX, table[:, 1] - tx * TILE_PX, table[:, 2]
    if table.size and (y.min() < 0 or y.max() >= TILE_PX or x.min() < 0 or (x + n).max() > TILE_PX):
        raise ValueError(f"Runs of cell {cell} leave the tile ({ty}, {tx}); split the edit by tile first.")
    starts = cell * CELL_STRIDE + y * TILE_PX + x
    return starts, starts + n


def _gather(pieces: list[tuple[Ints, Ints]]) -> Intervals:
    return intervals.union_of(*(np.concatenate(side) for side in zip(*pieces, strict=True)))


def _cells_of(*sets: Intervals) -> list[int]:
    return sorted({int(cell) for these in sets for cell in np.unique(these.starts // CELL_STRIDE)})


def apply(
    content: TileContent, *, ty: int, tx: int, changes: Sequence[PixelChange], exact: bool = True
) -> TileContent:
    """The tile after pixel changes in image coordinates, already cut to this tile (`edits.split_by_tile`).

    Raises InexactEdit naming the cells when a pixel to add was already in or a pixel to remove was not;
    `exact=False` lets that pass, so that applying twice is applying once.
    """
    if not changes:
        return content
    now = to_intervals(content)
    add = _gather([_change_intervals(c.add, c.cell, ty, tx) for c in changes])
    remove = _gather([_change_intervals(c.remove, c.cell, ty, tx) for c in changes])
    if exact:
        already, missing = intervals.intersection(now, add), intervals.difference(remove, now)
        if already.starts.size or missing.starts.size:
            cells = _cells_of(already, missing)
            names = ", ".join(map(str, cells))
            raise InexactEdit(
                f"Pixels of cell {names} in tile ({ty}, {tx}) are not as the edit expects.", cells
            )
    return from_intervals(intervals.union(intervals.difference(now, remove), add))


def runs_of_tiles(tiles: Mapping[tuple[int, int], TileContent]) -> dict[int, Runs]:
    """Runs of every cell of a frame in image coordinates, cells ascending: along x, sorted, maximal."""
    rows: dict[int, list[tuple[Ints, Ints]]] = {}
    for (ty, tx), content in tiles.items():
        these = content.starts.astype(np.int64)
        which, starts, ends = intervals.cut(these, these + content.lengths, TILE_PX)
        begin = (starts // TILE_PX + ty * TILE_PX) * ROW + starts % TILE_PX + tx * TILE_PX
        owner = np.repeat(content.ids, content.counts)[which]
        edges = np.flatnonzero(np.diff(owner)) + 1
        pieces = zip(np.split(begin, edges), np.split(ends - starts, edges), strict=True)
        for cell, (first, length) in zip(content.ids.tolist(), pieces, strict=False):
            rows.setdefault(cell, []).append((first, first + length))
    return {cell: runs_of_intervals(_gather(rows[cell])) for cell in sorted(rows)}
