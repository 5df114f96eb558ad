"""The labels that a run left of one image, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from annotation.models import Image
from training.contract.files import RunFolder


def frames_of(folder: RunFolder, image: Image) -> Iterator[tuple[int, int, NDArray[np.uint32]]]:
    """(t, z, planes (p, y, x) uint32) of one output, one frame in memory at a time."""
    array: Any = zarr.open_array(folder.output_labels(str(image.pk)), mode="r")
    for t in range(image.size_t):
        for z in range(image.size_z):
            yield t, z, np.asarray(array[:, t, z], dtype=np.uint32)
