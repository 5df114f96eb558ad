"""Making the scales that a net predicts honest: intervals that cover as many true values as they say.

One factor for all pixels is right on average alone: where dark pixels outnumber bright ones it is theirs, and
the bright ones are covered too seldom. So each band of predicted brightness has a factor of its own
(split-conformal prediction in groups, after Vovk et al. 2003, “Mondrian confidence machine”, and Lei et al.
2018, doi:10.1080/01621459.2017.1307116). The bands are few and equally wide in brightness. With bands of
equally many pixels most would lie within the noise of the background, and a background that is predicted a
trace lighter elsewhere would move all its pixels to a band of other factors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.engine.translation_scoring import conformal_factor

BANDS = 4
OUTLIERS = 0.005
"""Share of the darkest and of the brightest pixels that do not stretch the bands."""
FEWEST_PX = 200
"""Pixels that a band must have to be one of its own."""

Planes = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class HonestScales:
    """Of each channel the edges (b − 1,) between bands of predicted values, ascending, and factors (b,)."""

    edges: Sequence[Planes]
    factors: Sequence[Planes]

    @staticmethod
    def fit(places: Planes, errors: Planes, level: float) -> "HonestScales":
        """From pixels that were not learned from: what was predicted and |error| / scale, both (k, n)."""
        edges = [_edges(place) for place in places]
        factors = [
            _factors(np.searchsorted(edge, place), error, len(edge) + 1, level)
            for edge, place, error in zip(edges, places, errors, strict=True)
        ]
        return HonestScales(edges, factors)

    def apply(self, place: Planes, scale: Planes) -> Planes:
        """Honest scales (k, y, x) of what a net said, both (k, y, x)."""
        found = np.empty_like(scale)
        for k, (edges, factors) in enumerate(zip(self.edges, self.factors, strict=True)):
            found[k] = scale[k] * factors[np.searchsorted(edges, place[k])]
        return found

    def to_json(self) -> dict[str, Any]:
        """What `model.json` keeps."""
        return {
            "edges": [edge.tolist() for edge in self.edges],
            "factors": [factor.tolist() for factor in self.factors],
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> "HonestScales":
        """Reads what `to_json` wrote; models of before have one factor a channel and no edges."""
        factors = [np.atleast_1d(np.asarray(factor, np.float32)) for factor in data["factors"]]
        edges = data.get("edges", [[]] * len(factors))
        return HonestScales([np.asarray(edge, np.float32) for edge in edges], factors)


def _edges(place: Planes) -> Planes:
    """Between bands of equal width from the darkest to the brightest, but for outliers; none where pixels are
    few."""
    if len(place) < 2 * FEWEST_PX:
        return np.zeros(0, np.float32)
    low, high = np.quantile(place, [OUTLIERS, 1 - OUTLIERS])
    return np.unique(np.linspace(low, high, BANDS + 1)[1:-1].astype(np.float32))


def _factors(band: npt.NDArray[np.intp], errors: Planes, bands: int, level: float) -> Planes:
    """Of each band; the whole's where a band is all but empty, since equal values fall on one side."""
    whole = conformal_factor(errors, level)
    each = [errors[band == one] for one in range(bands)]
    return np.array(
        [conformal_factor(some, level) if len(some) >= FEWEST_PX else whole for some in each], np.float32
    )
