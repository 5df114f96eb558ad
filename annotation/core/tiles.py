"""Labels of one frame as tiles of 256 x 256 px: what is stored, sent and measured.

A packed tile is little-endian `u32 n_cells; u32 ids[n]; u32 run_counts[n]; u16 starts[r];
u16 lengths_minus_1[r]`, zlib-compressed. Runs walk over the tile's pixels in row-major order with stride 256,
also in tiles at the image's edge; they may pass row ends, are maximal, and ascend within a cell. A pixel may
belong to several cells.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotation.core import intervals
from annotation.core.edit_values import ROW, TILE_PX, PixelChange, Runs
from annotation.core.intervals import Intervals, Ints
from annotation.core.runs import runs_of_intervals

TILE_AREA = TILE_PX * TILE_PX
CELL_STRIDE = TILE_AREA + 1  # one unused integer between cells, so that runs of two cells never touch
FRAME_MAGIC = b"CYT1"
U16 = np.dtype("<u2")
U32 = np.dtype("<u4")
U64 = np.dtype("<u8")


class InexactEdit(ValueError):
    """An edit adds a pixel that was already in the cell, or removes one that was not."""

    def __init__(self, message: str, cells: Sequence[int]) -> None:
        super().__init__(message)
        self.cells = tuple(cells)


class BrokenTile(ValueError):
    """Bytes that are not a packed tile or not a frame."""


@dataclass(frozen=True, eq=False)
class TileContent:
    """Cells of one tile: ids (n,) and counts (n,) of runs, starts (r,), lengths (r,) of 1..65536."""

    ids: NDArray[np.uint32]
    counts: NDArray[np.uint32]
    starts: NDArray[np.uint16]
    lengths: NDArray[np.uint32]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TileContent):
            return NotImplemented
        return all(np.array_equal(a, b) for a, b in zip(self._arrays(), other._arrays(), strict=True))

    def _arrays(self) -> tuple[NDArray[Any], ...]:
        return self.ids, self.counts, self.starts, self.lengths

    def __len__(self) -> int:
        return int(self.ids.size)


# ---------------------------------------------------------------- one number line for all cells of a tile


def to_intervals(content: TileContent) -> Intervals:
    """All pixels of all cells as one set: cell * CELL_STRIDE + y * 256 + x."""
    owner = np.repeat(content.ids.astype(np.int64), content.counts)
    starts = owner * CELL_STRIDE + content.starts
    return Intervals(starts, starts + content.lengths)


def from_intervals(these: Intervals) -> TileContent:
    """The inverse of `to_intervals`."""
    owner, starts = np.divmod(these.starts, CELL_STRIDE)
    ids, counts = np.unique(owner, return_counts=True)
    lengths = these.ends - these.starts
    return TileContent(
        ids.astype(np.uint32), counts.astype(np.uint32), starts.astype(np.uint16), lengths.astype(np.uint32)
    )


EMPTY_TILE = from_intervals(intervals.EMPTY)


# ---------------------------------------------------------------- bytes


def pack(content: TileContent) -> bytes:
    """Compressed bytes of a tile; the same content always gives the same bytes."""
    parts = (
        np.asarray([content.ids.size], U32),
        content.ids.astype(U32),
        content.counts.astype(U32),
        content.starts.astype(U16),
        (content.lengths - np.uint32(1)).astype(U16),
    )
    return zlib.compress(b"".join(part.tobytes() for part in parts))


def unpack(packed: bytes) -> TileContent:
    """The tile in these bytes. Raises BrokenTile when they are not one."""
    try:
        data = zlib.decompress(packed)
    except zlib.error as error:
        raise BrokenTile(f"The tile cannot be decompressed: {error}.") from None
    if len(data) < 4:
        raise BrokenTile("The tile is too short to hold its number of cells.")
    n = int(np.frombuffer(data, U32, 1)[0])
    if len(data) < 4 + 8 * n:
        raise BrokenTile(f"The tile says {n} cells but is too short to list them.")
    ids, counts = np.frombuffer(data, U32, n, 4), np.frombuffer(data, U32, n, 4 + 4 * n)
    total = int(counts.sum(dtype=np.int64))
    if len(data) != 4 + 8 * n + 4 * total:
        raise BrokenTile(
            f"The tile says {total} runs but has {len(data) - 4 - 8 * n} bytes of them, not {4 * total}."
        )
    starts = np.frombuffer(data, U16, total, 4 + 8 * n)
    lengths = np.frombuffer(data, U16, total, 4 + 8 * n + 2 * total).astype(np.uint32) + np.uint32(1)
    return TileContent(ids.astype(np.uint32), counts.astype(np.uint32), starts.astype(np.uint16), lengths)


class FrameTile(NamedTuple):
    """One tile on the wire: its place, the revision that wrote it, its packed content."""

    ty: int
    tx: int
    revision: int
    content: bytes


class Frame(NamedTuple):
    """A decoded frame message: number of the head revision and its tiles."""

    head: int
    tiles: list[FrameTile]


def encode_frame(head: int, tiles: Iterable[tuple[int, int, int, bytes]]) -> bytes:
    """The message `application/vnd.cytoloop.tiles` for tiles (ty, tx, revision, packed content)."""
    rows = list(tiles)
    parts = [FRAME_MAGIC, struct.pack("<III", head, TILE_PX, len(rows))]
    for ty, tx, revision, content in rows:
        parts.append(struct.pack("<HHII", ty, tx, revision, len(content)))
        parts.append(content)
    return b"".join(parts)


def decode_frame(message: bytes) -> Frame:
    """The inverse of `encode_frame`. Raises BrokenTile when the message is not one."""
    if message[:4] != FRAME_MAGIC or len(message) < 16:
        raise BrokenTile("The message is not a frame of tiles (it does not begin with CYT1).")
    head, tile_px, count = struct.unpack_from("<III", message, 4)
    if tile_px != TILE_PX:
        raise BrokenTile(f"The frame has tiles of {tile_px} px; {TILE_PX} are expected.")
    tiles, at = [], 16
    for _ in range(count):
        if at + 12 > len(message):
            raise BrokenTile("The frame ends in the middle of a tile.")
        ty, tx, revision, length = struct.unpack_from("<HHII", message, at)
        tiles.append(FrameTile(ty, tx, revision, message[at + 12 : at + 12 + length]))
        at += 12 + length
    if at != len(message):
        raise BrokenTile("The frame's length is not what its tiles say.")
    return Frame(head, tiles)


# ---------------------------------------------------------------- planes


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
    pixels, cells = _pixels(content)
    order = np.argsort(pixels, kind="stable")
    sorted_pixels = pixels[order]
    first = np.concatenate(([True], sorted_pixels[1:] != sorted_pixels[:-1]))[: sorted_pixels.size]
    position = np.arange(sorted_pixels.size)
    depth = position - np.maximum.accumulate(np.where(first, position, 0))
    planes = np.zeros((int(depth.max(initial=0)) + 1, TILE_AREA), np.uint32)
    planes[depth, sorted_pixels] = cells[order]
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
    """Planes (p, y, x) of one frame; p = 1 when nothing overlaps. Each pixel's cells lie in ascending order on
    the first planes."""
    parts = {at: planes_of_tile(c) if _has_overlap(c) else _single_plane(c) for at, c in tiles.items()}
    depth = max((len(part) for part in parts.values()), default=1)
    planes = np.zeros((depth, height, width), np.uint32)
    for (ty, tx), part in parts.items():
        into = planes[: len(part), ty * TILE_PX : (ty + 1) * TILE_PX, tx * TILE_PX : (tx + 1) * TILE_PX]
        into[...] = part[:, : into.shape[1], : into.shape[2]]
    return planes


# ---------------------------------------------------------------- edits


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


# ---------------------------------------------------------------- measures


@dataclass(frozen=True, eq=False)
class CellMeasures:
    """Per cell (arrays of one length, ids ascending): area, coordinate sums, bounds with both ends inside."""

    ids: NDArray[np.uint32]
    area_px: Ints
    sum_y: Ints
    sum_x: Ints
    y_min: Ints
    x_min: Ints
    y_max: Ints
    x_max: Ints

    @property
    def centroid_y(self) -> NDArray[np.float64]:
        """Mean row of each cell, px."""
        return self.sum_y / self.area_px

    @property
    def centroid_x(self) -> NDArray[np.float64]:
        """Mean column of each cell, px."""
        return self.sum_x / self.area_px

    def __len__(self) -> int:
        return int(self.ids.size)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CellMeasures):
            return NotImplemented
        return all(np.array_equal(a, b) for a, b in zip(self.columns(), other.columns(), strict=True))

    def columns(self) -> tuple[NDArray[Any], ...]:
        """The arrays in the order of the fields."""
        sums = (self.area_px, self.sum_y, self.sum_x)
        return (self.ids, *sums, self.y_min, self.x_min, self.y_max, self.x_max)

    def to_bytes(self) -> bytes:
        """`u32 n; u32 ids[n]; u64 area, sum_y, sum_x [n]; u32 y_min, x_min, y_max, x_max [n]`."""
        columns = self.columns()
        kinds: tuple[np.dtype[Any], ...] = (U32, U64, U64, U64, U32, U32, U32, U32)
        head = struct.pack("<I", len(self))
        return head + b"".join(c.astype(k).tobytes() for c, k in zip(columns, kinds, strict=True))

    @classmethod
    def from_bytes(cls, data: bytes) -> "CellMeasures":
        """The inverse of `to_bytes`. Raises BrokenTile for bytes of another length."""
        n = struct.unpack_from("<I", data)[0] if len(data) >= 4 else -1
        if len(data) != 4 + 44 * n:
            raise BrokenTile("The measures of a tile have another length than they say.")
        sums = np.frombuffer(data, "<u8", 3 * n, 4 + 4 * n).reshape(3, n).astype(np.int64)
        bounds = np.frombuffer(data, U32, 4 * n, 4 + 28 * n).reshape(4, n).astype(np.int64)
        return cls(np.frombuffer(data, U32, n, 4).astype(np.uint32), *sums, *bounds)


TileStats = CellMeasures


def measure(content: TileContent, *, ty: int, tx: int) -> TileStats:
    """Area, sums and bounds of every cell of the tile at (ty, tx), in image coordinates."""
    owner = np.repeat(np.arange(content.ids.size), content.counts)
    flat = content.starts.astype(np.int64)
    which, starts, ends = intervals.cut(flat, flat + content.lengths, TILE_PX)
    y = starts // TILE_PX + ty * TILE_PX
    x_first = starts % TILE_PX + tx * TILE_PX
    n = ends - starts
    x_last = x_first + n - 1
    return _reduce(content.ids, owner[which], (n, n * y, n * (x_first + x_last) // 2, y, x_first, y, x_last))


def _reduce(ids: NDArray[np.uint32], owner: Ints, columns: Sequence[Ints]) -> CellMeasures:
    """Sum or bound rows of equal owner (ascending, each of 0..n-1 present)."""
    if ids.size == 0:
        return CellMeasures(ids, *(np.zeros(0, np.int64) for _ in range(7)))
    at = np.flatnonzero(np.diff(owner, prepend=-1))
    folds = (np.add, np.add, np.add, np.minimum, np.minimum, np.maximum, np.maximum)
    return CellMeasures(ids, *(fold.reduceat(c, at) for fold, c in zip(folds, columns, strict=True)))


def merge_stats(stats: Sequence[TileStats]) -> CellMeasures:
    """Measures of whole cells from those of their tiles (of one frame)."""
    columns = [np.concatenate(c) for c in zip(*(s.columns() for s in stats), strict=True)] if stats else []
    if not columns:
        return measure(EMPTY_TILE, ty=0, tx=0)
    ids, owner = np.unique(columns[0], return_inverse=True)
    order = np.argsort(owner, kind="stable")
    return _reduce(ids, owner[order].astype(np.int64), [c[order] for c in columns[1:]])


def count_cells(contents: Iterable[TileContent]) -> Counter[int]:
    """In how many tiles each cell lies."""
    return Counter(cell for content in contents for cell in content.ids.tolist())
