"""Whether a classifier's probabilities can be believed, and making them so by one temperature.

Guo et al. 2017, “On Calibration of Modern Neural Networks” (arXiv 1706.04599).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

BINS = 10
COLDEST, HOTTEST = 0.05, 20.0


@dataclass(frozen=True)
class Reliability:
    """Cells sorted by how sure the model was, in equal steps from 0 to 1: float64 (bins,) each.

    `said` is the mean probability of the class that was told, `right` the share of cells where it was true;
    both 0 where `cells` is.
    """

    cells: npt.NDArray[np.int64]
    said: npt.NDArray[np.float64]
    right: npt.NDArray[np.float64]

    @property
    def error(self) -> float:
        """Expected calibration error: mean distance of `said` and `right`, by cells."""
        return float((self.cells * np.abs(self.said - self.right)).sum() / max(self.cells.sum(), 1))


def probabilities(logits: npt.NDArray[np.floating], temperature: float) -> npt.NDArray[np.float64]:
    """Logits (n, k) → probabilities float64 (n, k)."""
    return np.asarray(softmax(logits.astype(np.float64) / temperature, axis=1))


def negative_log_likelihood(
    logits: npt.NDArray[np.floating], truth: npt.NDArray[np.integer], temperature: float = 1.0
) -> float:
    """Mean of −log of the true class's probability; logits (n, k), truth (n,)."""
    shares = log_softmax(logits.astype(np.float64) / temperature, axis=1)
    return float(-shares[np.arange(len(truth)), truth].mean())


def fit_temperature(logits: npt.NDArray[np.floating], truth: npt.NDArray[np.integer]) -> float:
    """The temperature with the least negative log-likelihood, from 0.05 to 20; 1 where there are no cells.

    The likelihood has one minimum in 1 / temperature, so a search along a line finds it.
    """
    if not len(truth):
        return 1.0
    found = minimize_scalar(
        lambda power: negative_log_likelihood(logits, truth, float(np.exp(power))),
        bounds=(np.log(COLDEST), np.log(HOTTEST)),
        method="bounded",
    )
    return float(np.exp(found.x))


def reliability(
    shares: npt.NDArray[np.float64], truth: npt.NDArray[np.integer], bins: int = BINS
) -> Reliability:
    """How often the class that was told is true, by how sure the model was; shares (n, k), truth (n,)."""
    sure, told = shares.max(1, initial=0.0), shares.argmax(1)
    place = np.clip(np.ceil(sure * bins).astype(np.int64) - 1, 0, bins - 1)
    cells = np.bincount(place, minlength=bins)
    said = np.bincount(place, sure, bins) / np.maximum(cells, 1)
    right = np.bincount(place, told == truth, bins) / np.maximum(cells, 1)
    return Reliability(cells, said, right)
