"""Whether a predicted quality can be believed: how often cells are right, by how sure the model was of them.

Expected calibration error as in Guo et al. 2017 (arXiv 1706.04599), in ten equal steps from 0 to 1.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.resampling import Floats, Judge, Key, ratio

BINS = 10


def count(quality: NDArray[np.floating], right: NDArray[np.bool_]) -> dict[str, list[float]]:
    """Cells, summed quality and right cells of each step, from quality (n,) 0 … 1 and whether right (n,)."""
    place = np.clip(np.ceil(quality * BINS).astype(np.int64) - 1, 0, BINS - 1)
    return {
        "cells": np.bincount(place, minlength=BINS).astype(float).tolist(),
        "said": np.bincount(place, quality, BINS).tolist(),
        "right": np.bincount(place, right, BINS).tolist(),
    }


def added(tables: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """The tables of several frames or images as one."""
    return {
        name: np.sum([table[name] for table in tables], axis=0).tolist()
        for name in ("cells", "said", "right")
    }


def curve(tables: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """Of each step the cells, the mean quality that was said, and the share that was right; 0 without
    cells."""
    total = added(tables)
    rows = zip(total["cells"], total["said"], total["right"], strict=True)
    return [
        {"cells": n, "said": said / n if n else 0.0, "right": right / n if n else 0.0}
        for n, said, right in rows
    ]


def judge(images: Sequence[Mapping[str, Any]]) -> Judge:
    """The expected calibration error of images, each a table of `count`."""
    cells, said, right = (
        np.asarray([image[name] for image in images]) for name in ("cells", "said", "right")
    )

    def scores(weights: Floats) -> dict[Key, Floats]:
        gap = np.abs(weights @ said - weights @ right).sum(axis=1)
        return {("", "ece"): ratio(gap, (weights @ cells).sum(axis=1), empty=0.0)}

    return scores
