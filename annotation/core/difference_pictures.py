"""Two ratings of a frame as one small picture, clear elsewhere: what both drew, and what one alone."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from annotation.core.frame_differences import Tiles
from annotation.core.tile_planes import planes_of_tile
from annotation.core.tiles import TILE_PX

MOST_PX = 480
BOTH, FIRST, SECOND = (139, 152, 165, 110), (240, 128, 74, 255), (47, 196, 180, 255)


def masks(
    first: Tiles, second: Tiles, height: int, width: int, *, most_px: int = MOST_PX
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the one and the other rating of a frame has a cell, every n-th pixel (y, x) so that no side is
    longer than `most_px`."""
    step = max(1, -(-max(height, width) // most_px))
    one, two = _mask(first, height, width, step), _mask(second, height, width, step)
    return one, two


def _mask(tiles: Tiles, height: int, width: int, step: int) -> NDArray[np.bool_]:
    mask = np.zeros((-(-height // step), -(-width // step)), bool)
    for (ty, tx), content in tiles.items():
        y0, x0 = (-(-at * TILE_PX // step) for at in (ty, tx))
        drawn = np.asarray(planes_of_tile(content).any(axis=0))[y0 * step - ty * TILE_PX :: step]
        drawn = drawn[:, x0 * step - tx * TILE_PX :: step]
        into = mask[y0 : y0 + drawn.shape[0], x0 : x0 + drawn.shape[1]]
        into[...] = drawn[: into.shape[0], : into.shape[1]]
    return mask


def png(one: NDArray[np.bool_], two: NDArray[np.bool_]) -> bytes:
    """PNG of two masks: grey in both, orange in the first alone, teal in the second alone, else clear."""
    picture = np.zeros((*one.shape, 4), np.uint8)
    for where, colour in ((one & two, BOTH), (one & ~two, FIRST), (two & ~one, SECOND)):
        picture[where] = colour
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
