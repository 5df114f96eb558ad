"""Tiles and frames as bytes: what is stored and what is sent.

A packed tile is little-endian `u32 n_cells; u32 ids[n]; u32 run_counts[n]; u16 starts[r];
u16 lengths_minus_1[r]`, zlib-compressed. A frame is the magic `CYT1`, `u32 head; u32 tile_px; u32 n_tiles`
and, for each tile, `u16 ty; u16 tx; u32 revision; u32 length; content`.
"""

import struct
import zlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from annotation.core.edit_values import TILE_PX
from annotation.core.tile_content import TileContent

FRAME_MAGIC = b"CYT1"
U16 = np.dtype("<u2")
U32 = np.dtype("<u4")


class BrokenTile(ValueError):
    """Bytes that are not a packed tile or not a frame."""


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
