"""Counts of an image as plain JSON, so that scores can be pooled, split and compared again without its
pixels.
"""

from typing import Any

import numpy as np

from annotation.core.matching import ImageCounts


def to_json(counts: ImageCounts) -> dict[str, Any]:
    """The object that `from_json` reads back equal."""
    return {
        "thresholds": list(counts.thresholds),
        "tp": counts.tp.tolist(),
        "fp": counts.fp.tolist(),
        "fn": counts.fn.tolist(),
        "iou_sum": counts.iou_sum.tolist(),
        "seg_sum": counts.seg_sum,
        "truths": counts.truths,
        "splits": counts.splits,
        "merges": counts.merges,
    }


def from_json(data: dict[str, Any]) -> ImageCounts:
    """Counts as they were kept. Raises KeyError where something is missing."""
    return ImageCounts(
        tuple(data["thresholds"]),
        np.asarray(data["tp"], np.int64),
        np.asarray(data["fp"], np.int64),
        np.asarray(data["fn"], np.int64),
        np.asarray(data["iou_sum"], np.float64),
        data["seg_sum"],
        data["truths"],
        data["splits"],
        data["merges"],
    )
