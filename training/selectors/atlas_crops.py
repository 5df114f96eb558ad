"""Small pictures of cells of an atlas, cut from their images."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from annotation.core.formats import ome_zarr
from annotation.core.formats.ome_zarr import OmeZarr
from backend.foundation import storage
from training.models import Atlas, AtlasPoint
from training.selectors import atlases

SIDE_PX = 72
SURROUNDINGS = 1.6
SHOWN_CHANNELS = 4
MOST_CROPS = 64


def sprite(*, atlas: Atlas, numbers: Sequence[int]) -> bytes:
    """PNG of the cells side by side, each 72 px a side, in the colours and windows of its image.

    Raises NoSuchPoint.
    """
    rows = atlases.points(atlas=atlas, numbers=list(numbers)[:MOST_CROPS])
    sheet = np.concatenate([_crop(row) for row in rows], axis=1)
    buffer = io.BytesIO()
    Picture.fromarray(sheet).save(buffer, "PNG")
    return buffer.getvalue()


@lru_cache(maxsize=32)
def _opened(store_key: str) -> OmeZarr:
    # What lies under a key never changes, so an opened image stays right.
    return ome_zarr.open(storage.zarr_store(store_key, read_only=True))


def _crop(row: AtlasPoint) -> NDArray[np.uint8]:
    """uint8 (72, 72, 3); beyond the image's border it is dark."""
    stored = _opened(row.source.image.store_key)
    half = max(row.length_px * SURROUNDINGS / 2, 4.0)
    _, channels, _, height, width = stored.shape_tczyx
    top, left = round(row.y - half), round(row.x - half)
    side = round(2 * half)
    rows = slice(max(top, 0), min(top + side, height))
    columns = slice(max(left, 0), min(left + side, width))
    picture = np.zeros((side, side, 3), np.float32)
    inside = picture[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    for c in range(min(channels, SHOWN_CHANNELS)):
        window = stored.windows[c]
        plane = stored.read_part(0, row.t, c, row.z, rows, columns).astype(np.float32)
        light = np.clip((plane - window.start) / max(window.end - window.start, 1e-12), 0, 1)
        inside += np.nan_to_num(light)[..., None] * _rgb(stored.colors[c])
    shown = Picture.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    return np.asarray(shown.resize((SIDE_PX, SIDE_PX), Picture.Resampling.BILINEAR))


def _rgb(color: str) -> NDArray[np.float32]:
    return np.asarray([int(color[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / np.float32(255)
