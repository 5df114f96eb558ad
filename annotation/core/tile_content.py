"""One tile of labels, 256 x 256 px, in memory.

Runs walk over the tile's pixels in row-major order with stride 256, also in tiles at the image's edge; they
may pass row ends, are maximal, and ascend within a cell. A pixel may belong to several cells.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import intervals
from annotation.core.edit_values import TILE_PX
from annotation.core.intervals import Intervals

TILE_AREA = TILE_PX * TILE_PX
CELL_STRIDE = TILE_AREA + 1  # one unused integer between cells, so that runs of two cells never touch


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
