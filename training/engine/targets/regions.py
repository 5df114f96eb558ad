"""Targets of the semantic kind: one plane a class, background first."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt


def class_map(
    labels: npt.NDArray[np.uint32], class_of_cell: Mapping[int, int], classes: int
) -> npt.NDArray[np.int64]:
    """Class of each pixel, int64 (y, x); 0 is background.

    labels: uint32 (p, y, x). With `classes` 1 every cell is foreground, 1. Otherwise a cell has the class
    `class_of_cell` says (1 … classes), and one without a class is −1: not known, not learned from.
    """
    result = np.zeros(labels.shape[1:], np.int64)
    for plane in labels:
        cells, index = np.unique(plane, return_inverse=True)
        known = [_class(int(cell), class_of_cell, classes) for cell in cells]
        mapped = np.array(known, np.int64)[index.reshape(plane.shape)]
        result = np.where(plane > 0, mapped, result)
    return result


def build(
    labels: npt.NDArray[np.uint32], class_of_cell: Mapping[int, int], classes: int
) -> npt.NDArray[np.uint8]:
    """Targets of one frame: uint8 (classes + 1, y, x) in 1/255, all zero where the class is not known."""
    wanted = class_map(labels, class_of_cell, classes)
    return np.stack([np.where(wanted == k, 255, 0).astype(np.uint8) for k in range(classes + 1)])


def _class(cell: int, class_of_cell: Mapping[int, int], classes: int) -> int:
    if cell == 0:
        return 0
    if classes == 1:
        return 1
    found = class_of_cell.get(cell, -1)
    return found if 1 <= found <= classes else -1
