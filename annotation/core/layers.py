"""Memberships (pixel, cell) as planes: overlapping cells lie on different planes."""

import numpy as np
from numpy.typing import NDArray

from annotation.core.intervals import Ints


def layers_of(pixels: Ints, cells: NDArray[np.uint32], size: int) -> NDArray[np.uint32]:
    """Planes (p, size), p >= 1, of memberships given in the order in which a pixel's cells are to lie.

    A pixel's first cell comes on plane 0, its next on plane 1, and so on.
    """
    order = np.argsort(pixels, kind="stable")
    placed = pixels[order]
    first = np.concatenate(([True], placed[1:] != placed[:-1]))[: placed.size]
    position = np.arange(placed.size)
    depth = position - np.maximum.accumulate(np.where(first, position, 0))
    planes = np.zeros((int(depth.max(initial=0)) + 1, size), np.uint32)
    planes[depth, placed] = cells[order]
    return planes
