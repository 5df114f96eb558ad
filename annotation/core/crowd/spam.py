"""Who answers without looking: a sequential test that hardly ever wrongs an honest worker.

A gambler bets that the worker is a spammer, and is paid what makes the game fair if the worker is honest (the
test by betting of Shafer 2021 and Waudby-Smith and Ramdas 2024; Wald's test of 1945 is one such game). An
honest worker is one whose score is expected to be at least `HONEST` of the kind; against such a one the
gambler's money does not grow on average, so by Ville's inequality it ever exceeds 1/a with a chance of at
most a, however often one looks: that is the bound on false exclusions. Several gamblers share the stake. Some
bet on low scores, more or less boldly; for choices, some bet that one and the same thing is said whatever is
true, which shows within a handful of items.

Agreement with a consensus is weaker evidence than gold: the stake is as large as the consensus is certain.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation.core.crowd.values import Floats, Kind

FALSE_EXCLUSIONS = 0.01
HONEST = {
    Kind.OUTLINE: 0.55,
    Kind.FIX: 0.45,
    Kind.CENTRES: 0.65,
    Kind.CELL: 0.8,
    Kind.SAME: 0.8,
    Kind.DIVIDED: 0.8,
    Kind.CLASS: 0.75,
}
"""What an honest worker is expected to score at least; spammers score 0 to 0.2, at two choices 0.5."""
BOLDNESS = (0.3, 0.6, 0.85)  # part of the stake that a right answer may cost


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
    if not seen:
        return Verdict(False, 1.0, "", 0)
    low, same = _low_scores(kind, seen), _same_answers(kind, seen)
    money = low if same is None else 0.5 * (low + same[1])
    over = np.flatnonzero(money >= 1 / false_exclusions)
    if not over.size:
        return Verdict(False, float(money[-1]), "", len(seen))
    at = int(over[0])
    score = np.mean([one.score for one in seen[: at + 1]])
    reason = f"scored {score:.2f} of 1 in {at + 1} answers, an honest worker has {HONEST[kind]:g} or more"
    if same is not None and same[1][at] > low[at]:
        reason = f"says “{same[0]}” whatever is true, {at + 1} answers"
    return Verdict(True, float(money[at]), reason, at + 1)


def _low_scores(kind: Kind, seen: Sequence[Evidence]) -> Floats:
    """(answers,): the mean money of those who bet on low scores, after each answer."""
    score, certainty = (np.asarray([getattr(one, name) for one in seen]) for name in ("score", "certainty"))
    honest = HONEST[kind]
    stake = np.asarray(BOLDNESS)[:, None] / (1 - honest)
    return np.asarray(np.cumprod(1 + stake * certainty * (honest - score), axis=1).mean(axis=0))


def _same_answers(kind: Kind, seen: Sequence[Evidence]) -> tuple[str, Floats] | None:
    """(the choice, money after each answer) of the one who bet on a choice and has most at the end; each had
    an equal part of the stake. None for what is no choice.

    The bet on a choice wins 1 / (1 - honest) when that is said and not true, keeps when it is said and true,
    and is lost when anything else is said. The money is that of all those bets together.
    """
    if not kind.of_choices:
        return None
    certainty = np.asarray([one.certainty for one in seen])
    odds = 1 / (1 - HONEST[kind])
    choices = sorted({one.said for one in seen} | {one.true for one in seen})
    paid = [
        [0.0 if one.said != choice else 1.0 if one.true == choice else odds for one in seen]
        for choice in choices
    ]
    money = np.cumprod(1 + certainty * (np.asarray(paid) - 1), axis=1)
    return choices[int(money[:, -1].argmax())], money.sum(axis=0) / max(len(choices), 3)
