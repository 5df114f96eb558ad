"""Small colour pictures of images, for lists."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from annotation.core.formats.base import ImageSource
from annotation.core.formats.ome_zarr import OmeZarr, Window, channel_color

THUMBNAIL_PX = 256
SHOWN_CHANNELS = 4


def thumbnail(image: ImageSource | OmeZarr) -> bytes:
    """PNG of at most 256 px a side: the first time point's middle plane, up to four channels added in their
    colours, each stretched between its display window (stored images) or its 0.5 and 99.8 percentiles."""
    _, size_c, size_z, _, _ = image.shape_tczyx
    shown = [_channel(image, c, size_z // 2) for c in range(min(size_c, SHOWN_CHANNELS))]
    picture = np.zeros((*shown[0].shape, 3), np.float32)
    for c, plane in enumerate(shown):
        picture += plane[..., None] * _rgb(_color(image, c, size_c))
    return _png(np.clip(picture, 0, 1))


def _channel(image: ImageSource | OmeZarr, c: int, z: int) -> NDArray[np.float32]:
    """One channel, shrunk, as 0..1."""
    stored = isinstance(image, OmeZarr)
    level = _level(image) if isinstance(image, OmeZarr) else 0
    plane = image.read_plane(level, 0, c, z) if isinstance(image, OmeZarr) else image.read_plane(0, c, z)
    small = shrink(plane)
    window = image.windows[c] if stored and isinstance(image, OmeZarr) else _window(small)
    stretched = (small - window.start) / max(window.end - window.start, 1e-12)
    return np.asarray(np.clip(np.nan_to_num(stretched), 0, 1), np.float32)


def _level(image: OmeZarr) -> int:
    """The smallest level that still has the pixels."""
    large = [i for i, level in enumerate(image.levels) if max(level.shape[3:]) >= THUMBNAIL_PX]
    return large[-1] if large else 0


def _window(plane: NDArray[np.float32]) -> Window:
    finite = plane[np.isfinite(plane)]
    if finite.size == 0:
        return Window(0, 1, 0, 1)
    low, high = (float(value) for value in np.percentile(finite, (0.5, 99.8)))
    return Window(low, high, low, high if high > low else low + 1)


def shrink(plane: NDArray[Any], longest: int = THUMBNAIL_PX) -> NDArray[np.float32]:
    """The plane as float32 with no side above `longest`; means of boxes, never larger than it was."""
    height, width = plane.shape
    scale = min(1.0, longest / max(height, width))
    picture = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(picture.resize(size, Image.Resampling.BOX), np.float32)


def _color(image: ImageSource | OmeZarr, c: int, count: int) -> str:
    return image.colors[c] if isinstance(image, OmeZarr) else channel_color(image.channel_names[c], c, count)


def _rgb(color: str) -> NDArray[np.float32]:
    return np.asarray([int(color[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / np.float32(255)


def _png(picture: NDArray[np.float32]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray((picture * 255 + 0.5).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()
