"""Who answers without looking: a sequential test that hardly ever wrongs an honest worker."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.core.crowd.values import Kind

FALSE_EXCLUSIONS = 0.01


@dataclass(frozen=True)
class Evidence:
    """One answer judged: its score from 0 to 1, whether against gold or against the others with that
    certainty, and for choices what was said and what is true."""

    score: float
    certainty: float = 1.0
    said: str = ""
    true: str = ""


@dataclass(frozen=True)
class Verdict:
    """`spammer`; `evidence` against the worker as betting odds (excluded from 1 / false exclusions on); the
    reason in words; and how many answers it took."""

    spammer: bool
    evidence: float
    reason: str
    answers: int


def is_spammer(
    kind: Kind, seen: Sequence[Evidence], *, false_exclusions: float = FALSE_EXCLUSIONS
) -> Verdict:
    """Whether a worker is to be excluded, from the answers judged so far in the order of judging."""
    raise NotImplementedError
