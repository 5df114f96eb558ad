"""Colour pictures as channels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

NAMES = ("Red", "Green", "Blue")


def bands(samples: int) -> tuple[int, ...]:
    """Which samples of a pixel are colours: alpha, the second or fourth, is dropped."""
    return {1: (0,), 2: (0,), 3: (0, 1, 2), 4: (0, 1, 2)}.get(samples, tuple(range(samples)))


def rgb_names(count: int) -> tuple[str, ...]:
    """Names of one or three colour channels."""
    return NAMES if count == 3 else tuple(f"Channel {i + 1}" for i in range(count))


def channels_of(picture: NDArray[Any]) -> tuple[NDArray[Any], tuple[str, ...]]:
    """A picture (y, x) or (y, x, samples) as channels (c, y, x) and their names.

    Alpha is dropped; a picture whose three bands are equal becomes one channel.
    """
    if picture.ndim == 2:
        return picture[None], rgb_names(1)
    kept = np.moveaxis(picture, -1, 0)[list(bands(picture.shape[-1]))]
    if len(kept) == 3 and np.array_equal(kept[0], kept[1]) and np.array_equal(kept[0], kept[2]):
        kept = kept[:1]
    return kept, rgb_names(len(kept))
