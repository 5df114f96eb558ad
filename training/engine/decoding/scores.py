"""What a detector's score means: a chance, fitted to what was right on validation; and where to cut."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from training.engine.decoding.quality import Calibration, fit

Floats = npt.NDArray[np.float64]

AS_TOLD = (0.0, 1.0)
"""The curve that leaves a score as it is."""
UNTUNED = 0.5
"""The least score where nothing says better."""


def chances(scores: npt.NDArray[np.floating], weights: Sequence[float]) -> Floats:
    """Scores (n,) → chances (n,) that a cell is a right one, by a logistic curve over the score's logit."""
    return Calibration(tuple(weights)).chances(_logits(scores))


def calibrate(scores: npt.NDArray[np.floating], right: npt.NDArray[np.bool_]) -> tuple[float, ...]:
    """The curve's two weights for scores (n,) of which some were right (n,) (Platt 1999); with few cells the
    score is believed."""
    weights = fit(_logits(scores), right).weights
    return weights if len(weights) == len(AS_TOLD) and weights[1] > 0 else AS_TOLD


def best_cut(scores: npt.NDArray[np.floating], right: npt.NDArray[np.bool_], truths: int) -> float:
    """The least score (n,) with which F1 at IoU 0.5 is best, given which detections are right (n,) and how
    many true cells there are."""
    if not truths or not right.any():
        return UNTUNED
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(right[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + truths)
    last = int(f1.argmax())
    below = float(scores[order[last + 1]]) if last + 1 < len(order) else 0.0
    return round((float(scores[order[last]]) + below) / 2, 4)


def _logits(scores: npt.NDArray[np.floating]) -> Floats:
    clipped = np.clip(np.asarray(scores, np.float64), 1e-4, 1 - 1e-4)
    return np.log(clipped / (1 - clipped))[:, None]
