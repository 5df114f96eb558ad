"""Area, centroid and bounds of cells, kept for each tile and summed up for whole frames."""

import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import intervals
from annotation.core.edit_values import TILE_PX
from annotation.core.intervals import Ints
from annotation.core.tile_bytes import BrokenTile
from annotation.core.tile_content import EMPTY_TILE, TileContent

U32 = np.dtype("<u4")
U64 = np.dtype("<u8")


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
