"""Vectors of one length from features of any: turned to their main directions and brought to one spread."""

import numpy as np
import numpy.typing as npt

KEPT_VARIANCE = 0.99

Floats = npt.NDArray[np.float32]


def whiten(features: npt.NDArray[np.floating], numbers: int) -> Floats:
    """Principal components of `features` (n, f), each at about one spread; float32 (n, `numbers`).

    Components beyond 99 % of the variance are noise that whitening would blow up: they are left out, and
    what is missing at the end is zero. For the same reason a component's variance v is divided by v plus the
    mean variance of those that are kept, so that weak ones stay weaker. A feature that is not a number is
    taken as its mean.
    """
    rows = np.nan_to_num(np.asarray(features, np.float64) - _middle(features))
    vectors = np.zeros((len(rows), numbers), np.float32)
    if len(rows) < 2 or not rows.any():
        return vectors
    variances, directions = np.linalg.eigh(rows.T @ rows / (len(rows) - 1))
    variances, directions = np.maximum(variances[::-1], 0), directions[:, ::-1]
    shares = np.cumsum(variances) / variances.sum()
    kept = min(int(np.searchsorted(shares, KEPT_VARIANCE)) + 1, numbers, len(variances))
    scale = 1 / np.sqrt(variances[:kept] + variances[:kept].mean())
    vectors[:, :kept] = rows @ _with_fixed_signs(directions[:, :kept]) * scale
    return vectors


def standardise(measurements: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Measurements (n, m) as features: each by its median and quartiles, so that a few odd cells do not set
    the scale, and never further than 8 of its spreads."""
    values = np.asarray(measurements, np.float64)
    low, middle, high = np.nanpercentile(values, (25, 50, 75), axis=0)
    spread = np.where(high > low, (high - low) / 1.349, np.maximum(np.nanstd(values, axis=0), 1e-12))
    return np.asarray(np.clip(np.nan_to_num((values - middle) / spread), -8, 8), np.float64)


def _middle(features: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    return np.asarray(np.nanmean(features, axis=0), np.float64)


def _with_fixed_signs(directions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The largest entry of each direction points up: the same cells give the same map on every machine."""
    largest = np.abs(directions).argmax(0)
    return directions * np.where(directions[largest, range(directions.shape[1])] < 0, -1.0, 1.0)
