"""A crop of an image as a picture for a page, channels added in their colours."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from annotation.core.crops import Box
from annotation.core.formats.ome_zarr import OmeZarr

SHOWN_CHANNELS = 4


def png(image: OmeZarr, *, t: int, z: int, box: Box, channels: Sequence[int] = ()) -> bytes:
    """PNG of the box, one pixel a pixel; the channels named, else the first four, each stretched between its
    display window. Grey where one white channel is shown."""
    shown = [c for c in channels if c < len(image.channel_names)] or [*range(len(image.channel_names))]
    picture = np.zeros((box.height, box.width, 3), np.float32)
    for c in shown[:SHOWN_CHANNELS]:
        plane = image.read_part(0, t, c, z, slice(box.y0, box.y1), slice(box.x0, box.x1))
        window = image.windows[c]
        part = (plane.astype(np.float32) - window.start) / max(window.end - window.start, 1e-12)
        color = "FFFFFF" if len(shown) == 1 else image.colors[c]
        rgb = np.asarray([int(color[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / np.float32(255)
        picture += np.clip(np.nan_to_num(part), 0, 1)[..., None] * rgb
    return _png((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8), grey=len(shown) == 1)


def _png(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], *, grey: bool) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture[..., 0] if grey else picture)).save(
        buffer, "PNG", compress_level=3
    )
    return buffer.getvalue()
