"""Where a predicted channel shines without reason, and where it misses light: places to go and look at.

A frame is cut into squares; of each the mean signed error says whether it was predicted too bright or too
dark. Noise of single pixels cancels out, a cell that was invented or overlooked does not.
"""

import numpy as np
from numpy.typing import NDArray

from annotation.core.faults import Fault, FaultKind

Plane = NDArray[np.float32]

SQUARE_PX = 32
LEAST = 0.1
"""A mean error of a square, in units of the range of the true frame, from which it is named."""
MOST = 100
"""Squares named of one frame of one channel."""
BRIGHT_RGB, DARK_RGB = (60, 140, 255), (255, 60, 90)
"""Colours of invented and of missed light, as of invented and missed cells."""
_FULL_ERROR, _OPACITY = 0.5, 220


def find(truth: Plane, said: Plane, *, span: float, z: int = 0) -> list[Fault]:
    """The squares (y, x) of a frame that are furthest off, worst first; `harm` is the mean error in units of
    `span`, the place is the middle of the square.
    """
    error = (said.astype(np.float64) - truth) / span
    rows, columns = (np.arange(0, length, SQUARE_PX) for length in error.shape)
    sums = np.add.reduceat(np.add.reduceat(error, rows, axis=0), columns, axis=1)
    heights = np.diff([*rows, error.shape[0]])
    widths = np.diff([*columns, error.shape[1]])
    sizes = np.outer(heights, widths)
    means = sums / sizes
    order = np.argsort(-np.abs(means), axis=None, kind="stable")[:MOST]
    return [
        Fault(
            kind=FaultKind.TOO_BRIGHT if means[row, column] > 0 else FaultKind.TOO_DARK,
            harm=float(abs(means[row, column])),
            truth=(),
            predicted=(),
            iou=0.0,
            size_px=int(sizes[row, column]),
            at_zyx=(z, int(rows[row] + heights[row] // 2), int(columns[column] + widths[column] // 2)),
        )
        for row, column in zip(*np.unravel_index(order, means.shape), strict=True)
        if abs(means[row, column]) >= LEAST
    ]


def paint(truth: Plane, said: Plane, *, span: float) -> NDArray[np.uint8]:
    """uint8 (y, x, 4): the more opaque, the further off; half the range is full."""
    error = (said.astype(np.float64) - truth) / span
    picture = np.zeros((*error.shape, 4), np.uint8)
    picture[..., :3] = np.where(error[..., None] > 0, BRIGHT_RGB, DARK_RGB)
    picture[..., 3] = np.clip(np.abs(error) / _FULL_ERROR, 0, 1) * _OPACITY
    return picture
