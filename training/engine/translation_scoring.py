"""Scores of predicted channels against recorded ones, and the factor that makes their intervals honest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from annotation.core.picture_scores import pearson, structural_similarity

Plane = npt.NDArray[np.float32]


def normal_quantile(level: float) -> float:
    """Standard deviations within which a normal variable lies with the chance `level`: 0.9 → 1.645."""
    return NormalDist().inv_cdf((1 + level) / 2)


def conformal_factor(scaled_errors: npt.NDArray[np.floating], level: float) -> float:
    """By what the scales must be multiplied so that ± `normal_quantile(level)` of them cover `level`.

    `scaled_errors`: |error| / scale of pixels that were not learned from. Split-conformal prediction (Lei et
    al. 2018, doi:10.1080/01621459.2017.1307116) with the scaled residual as score.
    """
    count = len(scaled_errors)
    rank = min(count, int(np.ceil((count + 1) * level)))
    return float(np.partition(scaled_errors, rank - 1)[rank - 1] / normal_quantile(level))


@dataclass
class TranslationScores:
    """Gathers scores frame by frame, for each target channel; r and SSIM are means over the frames."""

    names: Sequence[str]
    level: float
    _sums: dict[str, float] = field(default_factory=dict)
    _frames: int = 0

    def add(self, truth: Plane, said: Plane, scale: Plane, others: Mapping[str, Plane]) -> None:
        """One frame: truth, prediction and calibrated scale (k, y, x), and what others say of it."""
        self._frames += 1
        reach = normal_quantile(self.level) * scale
        for k, name in enumerate(self.names):
            self._judge(f"_{name}", truth[k], said[k])
            self._count(f"coverage_{name}", float((np.abs(truth[k] - said[k]) <= reach[k]).mean()))
            self._count(f"width_{name}", float(2 * reach[k].mean()))
            for other, planes in others.items():
                self._judge(f"_{other}_{name}", truth[k], planes[k])

    def result(self) -> dict[str, float]:
        """Mean r first, then every score by channel; `r_linear_DAPI` is what linear regression reaches."""
        means = {name: total / max(self._frames, 1) for name, total in self._sums.items()}
        first = {"mean_r": float(np.mean([means[f"r_{name}"] for name in self.names]))} if means else {}
        rounded = {name: round(value, 4) for name, value in {**first, **means}.items()}
        return {**rounded, "frames": float(self._frames)}

    def _judge(self, ending: str, truth: Plane, said: Plane) -> None:
        self._count("r" + ending, pearson(truth, said))
        self._count("ssim" + ending, structural_similarity(truth, said))
        self._count("mae" + ending, float(np.abs(truth - said).mean()))

    def _count(self, name: str, value: float) -> None:
        self._sums[name] = self._sums.get(name, 0.0) + value
