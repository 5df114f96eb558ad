"""Predicted quality: for each predicted cell the chance that it is a right one (IoU ≥ 0.5 with a true one).

A few numbers are read off the maps for each cell; a logistic curve, fitted to the validation images' cells
where there are enough, makes a chance of them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

LEAST_CELLS = 40
_UNFITTED = (-3.0, 5.0, 1.5, 0.0, 0.0)


@dataclass(frozen=True)
class Calibration:
    """Weights of the logistic curve: constant, mean foreground, edge contrast, sharpness, log10 of area in
    px.
    """

    weights: tuple[float, ...] = _UNFITTED

    def chances(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Features (n, 4) → chances (n,), 0..1."""
        weights = np.array(self.weights)
        return np.asarray(_logistic(weights[0] + features @ weights[1:]))


def measure(
    labels: npt.NDArray[np.uint32], foreground: npt.NDArray[np.float32], edge: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """Features float64 (n, 4) of the cells 1 … n of labels (y, x), from maps (y, x) in 0..1.

    Mean foreground; how much likelier an edge is on the outline than inside; share of decided pixels; log10
    of area.
    """
    n = int(labels.max(initial=0))
    flat = labels.ravel()
    area = np.maximum(np.bincount(flat, minlength=n + 1)[1:], 1)
    rim = (ndimage.minimum_filter(labels, 3) != labels) | (ndimage.maximum_filter(labels, 3) != labels)
    on_rim = _mean(flat, edge.ravel(), rim.ravel(), n)
    inside = _mean(flat, edge.ravel(), ~rim.ravel(), n)
    decided = np.abs(foreground.ravel() - 0.5) > 0.4
    return np.stack(
        [
            np.bincount(flat, foreground.ravel(), minlength=n + 1)[1:] / area,
            on_rim - inside,
            np.bincount(flat, decided, minlength=n + 1)[1:] / area,
            np.log10(area) - 2,
        ],
        axis=1,
    )


def areas_px(features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Areas (n,) in px, read back from `measure`'s features."""
    return np.asarray(np.rint(10 ** (features[:, 3] + 2)))


def fit(features: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> Calibration:
    """Logistic regression with a small ridge, by Newton's method; features (n, 4), right (n,).

    With fewer than 40 cells, or all of them right or all wrong, the curve stays as it is without a fit.
    """
    if len(right) < LEAST_CELLS or right.all() or not right.any():
        return Calibration()
    x = np.concatenate([np.ones((len(features), 1)), features], axis=1)
    ridge = np.diag([1e-3] + [1.0] * features.shape[1])
    weights = np.zeros(x.shape[1])
    for _ in range(25):
        chance = _logistic(x @ weights)
        slope = x.T @ (right - chance) - ridge @ weights
        curve = (x * (chance * (1 - chance))[:, None]).T @ x + ridge
        weights = weights + np.linalg.solve(curve, slope)
    return Calibration(tuple(float(w) for w in weights))


def _mean(
    labels: npt.NDArray[np.uint32], values: npt.NDArray[np.float32], chosen: npt.NDArray[np.bool_], n: int
) -> npt.NDArray[np.float64]:
    count = np.bincount(labels[chosen], minlength=n + 1)[1:]
    sums = np.bincount(labels[chosen], values[chosen], minlength=n + 1)[1:]
    return np.asarray(sums / np.maximum(count, 1))


def _logistic(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))))
