"""The embedding of a frame, tile by tile, with the nets in ONNX Runtime; no torch, for the resident process.

A tile is 512 px wide and read with a margin of 32 px, which is cut off again; so any tile can be made
alone, and is the same whoever makes it. A cell's numbers are stored as bytes, feature by feature.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from training.contract.prompting import PromptModel
from training.engine.data.normalising import Look, look_at, normalise
from training.engine.prompting.zooming import enlarge_pixels

CHANNELS = 3
Floats = npt.NDArray[np.float32]
Encode = Callable[[Floats], Floats]
"""(1, 3, y, x), sides multiples of `multiple_px` → (1, features, y / 2, x / 2)."""


def see(pixels: npt.NDArray[Any], look: Look) -> Floats:
    """What the net sees of pixels (c, y, x) of a frame: float32 (3, y, x), about 0 … 1, cells mostly bright.

    One channel three times, two with their mean as the third, of more the first three; each by the frame's
    range.
    """
    seen = normalise(pixels[:CHANNELS], look, min(len(pixels), CHANNELS))
    if len(seen) == CHANNELS:
        return seen
    return np.concatenate([seen, *[seen.mean(0, keepdims=True)] * (CHANNELS - len(seen))])


def look_of(frame: npt.NDArray[Any]) -> Look:
    """The look of the channels that the net sees, from a frame (c, y, x) or a coarse level of it."""
    return look_at(frame[:CHANNELS])


def tile_area(
    model: PromptModel, size: tuple[int, int], ty: int, tx: int, *, margin_px: int = 0
) -> tuple[slice, slice]:
    """Rows and columns of the picture that a tile covers, with a margin where there is picture."""
    edge = model.tile_px
    rows = slice(max(0, ty * edge - margin_px), min(size[0], (ty + 1) * edge + margin_px))
    columns = slice(max(0, tx * edge - margin_px), min(size[1], (tx + 1) * edge + margin_px))
    return rows, columns


def embed_tile(
    encode: Encode,
    model: PromptModel,
    pixels: npt.NDArray[Any],
    look: Look,
    *,
    size: tuple[int, int],
    ty: int,
    tx: int,
) -> npt.NDArray[np.uint8]:
    """Bytes (features, y, x) of one tile; `pixels`: the tile with its margin."""
    height, width = pixels.shape[1:]
    multiple = model.multiple_px
    seen = np.pad(see(pixels, look), ((0, 0), (0, -height % multiple), (0, -width % multiple)), mode="edge")
    said = encode(seen[None])[0]
    area = tile_area(model, size, ty, tx)
    whole = tile_area(model, size, ty, tx, margin_px=model.margin_px)
    cell = model.stride_px
    top, left = (a.start - w.start for a, w in zip(area, whole, strict=True))
    rows, columns = (-(-(a.stop - a.start) // cell) for a in area)
    kept = said[:, top // cell : top // cell + rows, left // cell : left // cell + columns]
    return to_bytes(kept)


def to_bytes(embedding: Floats) -> npt.NDArray[np.uint8]:
    """−1 … 1 as 0 … 255."""
    return np.asarray(np.floor((embedding + 1) * 127.5 + 0.5), np.uint8)


def from_bytes(stored: npt.NDArray[np.uint8]) -> Floats:
    """0 … 255 as −1 … 1."""
    return np.asarray(stored.astype(np.float32) / 127.5 - 1, np.float32)


def embed_frame(encode: Encode, model: PromptModel, frame: npt.NDArray[Any], zoom: int = 1) -> Floats:
    """The whole embedding (features, y / 2, x / 2) of a frame (c, y, x), made of tiles and rounded to
    bytes.
    """
    look = look_of(frame)
    frame = enlarge_pixels(frame, zoom)
    size = (frame.shape[1], frame.shape[2])
    rows = []
    for ty in range(-(-size[0] // model.tile_px)):
        row = []
        for tx in range(-(-size[1] // model.tile_px)):
            y, x = tile_area(model, size, ty, tx, margin_px=model.margin_px)
            row.append(embed_tile(encode, model, frame[:, y, x], look, size=size, ty=ty, tx=tx))
        rows.append(np.concatenate(row, 2))
    return from_bytes(np.concatenate(rows, 1))
