"""Squares of the training images from which a net that translates learns nothing.

What a net says of them, beside what it says of their neighbourhoods, tells how much better it knows what it
has learned from. They lie on a slanted lattice, so that they come from everywhere.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

LEAST_PX, MOST_PX = 12, 64
ACROSS = 10
EVERY, SLANT = 8, 3
"""One square of `EVERY` is kept back, `SLANT` further on in each column of squares."""

Square = tuple[slice, slice]


def squares(height: int, width: int, number: int) -> Iterator[Square]:
    """Rows and columns of the squares kept back of frame `number`, of `height` × `width` px; those of frames
    in turn lie elsewhere. Their side is a tenth of the shorter side of the frame, 12 to 64 px."""
    side = int(np.clip(min(height, width) // ACROSS, LEAST_PX, MOST_PX))
    for i in range(height // side):
        for j in range(width // side):
            if (i + SLANT * j + number) % EVERY == 0:
                yield slice(i * side, (i + 1) * side), slice(j * side, (j + 1) * side)


def mask(height: int, width: int, number: int) -> npt.NDArray[np.bool_]:
    """Where frame `number` is kept back, (y, x)."""
    found = np.zeros((height, width), bool)
    for rows, columns in squares(height, width, number):
        found[rows, columns] = True
    return found
