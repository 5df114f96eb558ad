"""One number for how far a worker can be believed, from gold and from agreement with the others."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reliability:
    """0 to 1 with its interval; `gold` and `agreement` are how many answers of each it rests on."""

    value: float
    low: float
    high: float
    gold: int
    agreement: int


def reliability(
    gold: Sequence[float], agreement: Sequence[float] = (), *, level: float = 0.95
) -> Reliability:
    """From a worker's scores on gold items and scores of agreement (`gold_score`, `agreement_score`)."""
    raise NotImplementedError
