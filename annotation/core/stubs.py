"""Stubs: cells as points, for views that show more of them than can be drawn.

On the wire, little-endian: magic `CYS1`, `u32 head; u32 tiles_read; u32 tiles_in_range; u32 n`, then for each
stub `u32 cell; u32 y; u32 x; u32 area`, all in px of the full image.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.core.edit_values import TILE_PX
from annotation.core.measures import CellMeasures, merge_stats
from annotation.core.tile_bytes import U32, BrokenTile

STUBS_MAGIC = b"CYS1"
HEAD = struct.Struct("<IIII")
PLACE_BITS = 24  # of a tile's row or column


@dataclass(frozen=True, eq=False)
class Stubs:
    """`rows` (n, 4) uint32: cell, y, x, area. Of `tiles_in_range` tiles, `tiles_read` were looked at."""

    head: int
    tiles_read: int
    tiles_in_range: int
    rows: NDArray[np.uint32]


def stubs_of(stats: Sequence[CellMeasures], *, most: int) -> NDArray[np.uint32]:
    """Stubs (n, 4) of the cells measured in these tiles; a cell in several tiles is one stub.

    Above `most`, every k-th cell by id is kept.
    """
    m = merge_stats(stats)
    area = np.maximum(m.area_px, 1)
    rows = np.stack((m.ids, m.sum_y // area, m.sum_x // area, m.area_px), axis=1).astype(np.uint32)
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


def evenly(ty: NDArray[np.int64], tx: NDArray[np.int64]) -> NDArray[np.int64]:
    """An order of tiles in which every beginning is spread evenly over all of them.

    By the bits of row and column interleaved and reversed (Morton 1966; van der Corput 1935): first a coarse
    grid, then the grid between, and so on.
    """
    key = np.zeros(len(ty), np.int64)
    for bit in range(PLACE_BITS):
        key |= ((ty >> bit) & 1) << (2 * PLACE_BITS - 1 - 2 * bit)
        key |= ((tx >> bit) & 1) << (2 * PLACE_BITS - 2 - 2 * bit)
    return np.argsort(key, kind="stable")


def encode_stubs(stubs: Stubs) -> bytes:
    """The message `application/vnd.cytoloop.stubs`."""
    head = HEAD.pack(stubs.head, stubs.tiles_read, stubs.tiles_in_range, len(stubs.rows))
    return STUBS_MAGIC + head + stubs.rows.astype(U32).tobytes()


def decode_stubs(message: bytes) -> Stubs:
    """The inverse of `encode_stubs`. Raises BrokenTile when the message is not one."""
    if message[:4] != STUBS_MAGIC or len(message) < 4 + HEAD.size:
        raise BrokenTile("The message is not a list of stubs (it does not begin with CYS1).")
    head, read, in_range, count = HEAD.unpack_from(message, 4)
    if len(message) != 4 + HEAD.size + 16 * count:
        raise BrokenTile(f"The message says {count} stubs but has another length.")
    rows = np.frombuffer(message, U32, 4 * count, 4 + HEAD.size).reshape(count, 4)
    return Stubs(head, read, in_range, rows.astype(np.uint32))


def tiles_across(length_px: int) -> int:
    """How many tiles cover so many px."""
    return -(-length_px // TILE_PX)
