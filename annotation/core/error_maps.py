"""Where a prediction is wrong, pixel by pixel, as a picture with a clear ground to be laid over the image."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import faults
from annotation.core.faults import FaultKind

COLOURS: dict[FaultKind | None, tuple[int, int, int, int]] = {
    None: (60, 190, 110, 90),
    FaultKind.MISSED: (255, 60, 90, 190),
    FaultKind.INVENTED: (60, 140, 255, 190),
    FaultKind.SPLIT: (255, 200, 0, 190),
    FaultKind.MERGE: (190, 80, 255, 190),
    FaultKind.WRONG_CLASS: (0, 210, 210, 190),
    FaultKind.LOOSE: (255, 140, 60, 150),
}
"""Red, green, blue and opacity of each fault; None: pixels of cells that are right on both sides."""
_ORDER = (FaultKind.LOOSE, FaultKind.WRONG_CLASS, FaultKind.INVENTED, FaultKind.MISSED, FaultKind.SPLIT,
          FaultKind.MERGE)  # fmt: skip
"""Later ones are painted over earlier ones."""


def paint(
    truth: NDArray[Any],
    predicted: NDArray[Any],
    found: list[faults.Fault],
) -> NDArray[np.uint8]:
    """uint8 (y, x, 4) of one frame's labels (p, y, x) and what `faults.find` found in it.

    Missed cells are painted where they are true, invented ones where they were predicted, splits and merges
    on both sides; of loose outlines only the pixels that differ.
    """
    right, said = (truth > 0).any(0), (predicted > 0).any(0)
    picture = np.zeros((*right.shape, 4), np.uint8)
    picture[right & said] = COLOURS[None]
    for kind in _ORDER:
        some = [fault for fault in found if fault.kind is kind]
        if some:
            picture[_pixels(truth, predicted, some, kind)] = COLOURS[kind]
    return picture


def _pixels(
    truth: NDArray[Any], predicted: NDArray[Any], some: list[faults.Fault], kind: FaultKind
) -> NDArray[np.bool_]:
    true_cells = [cell for fault in some for cell in fault.truth]
    said_cells = [cell for fault in some for cell in fault.predicted]
    mine, its = np.isin(truth, true_cells).any(0), np.isin(predicted, said_cells).any(0)
    return np.asarray(mine ^ its if kind is FaultKind.LOOSE else mine | its)
