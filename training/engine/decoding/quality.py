"""Predicted quality: for each predicted cell the chance that it is a right one (IoU ≥ 0.5 with a true one).

A few numbers are read off the maps for each cell; a logistic curve, fitted to the validation images' cells
where there are enough, makes a chance of them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.engine.decoding.planes import in_planes

LEAST_CELLS = 40
_UNFITTED = (-3.0, 5.0, 1.5, 0.0, 0.0)
_NEIGHBOURS = (
    (np.s_[1:, :], np.s_[:-1, :]),
    (np.s_[:, 1:], np.s_[:, :-1]),
    (np.s_[1:, 1:], np.s_[:-1, :-1]),
    (np.s_[1:, :-1], np.s_[:-1, 1:]),
)
"""Views of a picture that show each pixel beside a neighbour."""


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
    """Features float64 (n, 4) of the cells 1 … n of labels (y, x) or (p, y, x), from maps (y, x) in 0..1.

    Mean foreground; how much likelier an edge is on the outline than inside; share of decided pixels; log10
    of area.
    """
    n = int(labels.max(initial=0))
    sums = np.zeros((6, n + 1))
    for plane in in_planes(labels):
        # Most of a picture is background, and it adds nothing.
        at = np.flatnonzero(plane)
        cell = plane.ravel().take(at).astype(np.intp)
        sure, border = foreground.ravel().take(at), edge.ravel().take(at)
        rim = _touches_another(plane).ravel().take(at)
        decided, on, off = (np.flatnonzero(which) for which in (np.abs(sure - 0.5) > 0.4, rim, ~rim))
        counted = ((cell, None), (cell, sure), (cell[decided], None), (cell[on], None))
        weighed = ((cell[on], border[on]), (cell[off], border[off]))
        for row, (of, values) in enumerate((*counted, *weighed)):
            sums[row] += np.bincount(of, values, minlength=n + 1)
    area, sure_sum, decided_px, rim_px, on_rim, inside = sums[:, 1:]
    area = np.maximum(area, 1)
    contrast = on_rim / np.maximum(rim_px, 1) - inside / np.maximum(sums[0, 1:] - rim_px, 1)
    return np.stack([sure_sum / area, contrast, decided_px / area, np.log10(area) - 2], axis=1)


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


def _touches_another(plane: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Whether one of the eight neighbours has another label; (y, x)."""
    result = np.zeros(plane.shape, bool)
    for here, there in _NEIGHBOURS:
        differs = plane[here] != plane[there]
        result[here] |= differs
        result[there] |= differs
    return result


def _logistic(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))))
