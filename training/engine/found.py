"""Cells that a model finds in a picture, and what the list of cells says of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.contract.results import CellEntry


@dataclass(frozen=True)
class FoundCells:
    """What a model finds in one frame: labels uint32 (y, x) with ids 1 … n, or (p, y, x) where cells may
    overlap, quality (n,), classes (n,) or None, boxes (n, 4) as y0, x0, y1, x1 or None.
    """

    labels: npt.NDArray[np.uint32]
    quality: npt.NDArray[np.float64]
    classes: npt.NDArray[np.int64] | None = None
    boxes: npt.NDArray[np.float32] | None = None


FindCells = Callable[[npt.NDArray[np.float32]], FoundCells]
"""Maps float32 (k, y, x) of a frame → the cells in it."""


def entries_of(found: FoundCells, before: int) -> list[CellEntry]:
    """What the list of cells says of them, with ids that follow `before`."""
    classes = [None] * len(found.quality) if found.classes is None else [int(k) for k in found.classes]
    boxes: list[tuple[float, ...] | None] = [None] * len(found.quality)
    if found.boxes is not None:
        boxes = [tuple(box) for box in np.round(found.boxes.astype(float), 1).tolist()]
    return [
        CellEntry(
            cell=before + place + 1,
            class_index=classes[place],
            quality=round(float(quality), 4),
            box=boxes[place],
        )
        for place, quality in enumerate(found.quality)
    ]
