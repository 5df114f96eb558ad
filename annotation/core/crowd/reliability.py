"""One number for how far a worker can be believed, from gold and from agreement with the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import beta

AGREEMENT_WEIGHT = 0.3  # what agreement with a consensus counts beside an answer that is known
PRIOR = (2.0, 1.0)


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
    """From a worker's scores on gold items and scores of agreement (`gold_score`, `agreement_score`).

    The mean of a Beta distribution: each score counts as that part of a right answer, agreement for less than
    gold. A worker of whom nothing is known has 2/3.
    """
    right = PRIOR[0] + sum(gold) + AGREEMENT_WEIGHT * sum(agreement)
    wrong = PRIOR[1] + len(gold) - sum(gold) + AGREEMENT_WEIGHT * (len(agreement) - sum(agreement))
    low, high = (float(beta.ppf(part, right, wrong)) for part in ((1 - level) / 2, (1 + level) / 2))
    return Reliability(right / (right + wrong), low, high, len(gold), len(agreement))
