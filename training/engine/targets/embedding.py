"""Targets of the embedding kind: which cell each pixel belongs to, and which other one where two overlap."""

import numpy as np
import numpy.typing as npt

from training.engine.targets.layers import two_layers

CHANNELS = ("first", "second", "edge", "weight")


def finish(labels: npt.NDArray[np.int32], soft: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Targets of one crop: float32 (4, y, x): number of the cell in which the pixel lies deepest, that of the
    other cell where two overlap, both 0 outside, then edge and weight of `soft` (4, y, x), 0 … 1.

    labels: int32 (p, y, x), the crop's cells.
    """
    first, second = two_layers(labels)
    return np.stack([first, second, soft[2], soft[3]]).astype(np.float32)
