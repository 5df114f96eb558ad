"""Who answers without looking: a sequential test that hardly ever wrongs an honest worker.

A gambler bets that the worker is a spammer, and is paid what makes the game fair if the worker is honest (the
test by betting of Shafer 2021 and Waudby-Smith and Ramdas 2024; Wald's test of 1945 is one such game). An
honest worker is one whose score is expected to be at least `HONEST` of the kind; against such a one the
gambler's money does not grow on average, so by Ville's inequality it ever exceeds 1/a with a chance of at
most a, however often one looks: that is the bound on false exclusions. Several gamblers share the stake.

For scores from 0 to 1 they bet on low ones, more or less boldly; an answer held against a consensus counts
as far as that is certain. For choices the spammer is known: one who says each choice with some chance
whatever is true, so the best bet is the ratio of two chances (Wald). The bets are on: at random, nearly
always the same, never what is true. An honest worker who is right with chance h says what a consensus says
that is right with chance c in h c + (1 - h) (1 - c) of all cases, and that is what is paid for. No bet is
made where a spammer would be right at least as often. `expected` tells of gold that those who look answer
right more, or less, often.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation.core.crowd.values import UNSURE, Floats, Kind

FALSE_EXCLUSIONS = 0.01
HONEST = {
    Kind.OUTLINE: 0.55,
    Kind.FIX: 0.45,
    Kind.CENTRES: 0.65,
    Kind.CELL: 0.85,
    Kind.SAME: 0.85,
    Kind.DIVIDED: 0.85,
    Kind.CLASS: 0.75,
}
"""What an honest worker is expected to score at least; spammers score 0 to 0.2, at two choices 0.5."""
BOLDNESS = (0.3, 0.6, 0.85)  # part of the stake that a right answer may cost
# Parts of the stake at choices; those who always say the same have the rest.
AT_RANDOM, NEVER_RIGHT = 0.6, 0.06
RARELY = 0.05


@dataclass(frozen=True)
class Evidence:
    """One answer judged: its score from 0 to 1, whether against gold or against the others with that
    certainty, and for choices what was said and what is true. `expected`: how often honest workers are right
    at this very item, where that is known."""

    score: float
    certainty: float = 1.0
    said: str = ""
    true: str = ""
    expected: float | None = None


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
    told = _choices(kind, seen) if kind.of_choices else None
    money = _low_scores(kind, seen) if told is None else told[1]
    over = np.flatnonzero(money >= 1 / false_exclusions)
    if not over.size:
        return Verdict(False, float(money[-1]), "", len(seen))
    at = int(over[0])
    score = np.mean([one.score for one in seen[: at + 1]])
    reason = f"scored {score:.2f} of 1 in {at + 1} answers, an honest worker has {HONEST[kind]:g} or more"
    if told is not None:
        reason = f"{told[0]}, {at + 1} answers"
    return Verdict(True, float(money[at]), reason, at + 1)


def _low_scores(kind: Kind, seen: Sequence[Evidence]) -> Floats:
    """(answers,): the mean money of those who bet on low scores, after each answer."""
    score, certainty = (np.asarray([getattr(one, name) for one in seen]) for name in ("score", "certainty"))
    honest = HONEST[kind]
    stake = np.asarray(BOLDNESS)[:, None] / (1 - honest)
    return np.asarray(np.cumprod(1 + stake * certainty * (honest - score), axis=1).mean(axis=0))


def _choices(kind: Kind, seen: Sequence[Evidence]) -> tuple[str, Floats]:
    """(what the gambler who has most at the end says of the worker, the money of all after each answer)."""
    honest = np.asarray([HONEST[kind] if one.expected is None else one.expected for one in seen])
    certainty = np.asarray([one.certainty for one in seen])
    right = np.asarray([one.said == one.true for one in seen])
    others = max(len({one.true for one in seen} | {one.said for one in seen} - {UNSURE}) - 1, 1)
    met = honest * certainty + (1 - honest) * (1 - certainty) / others
    bets = _bets(seen)
    spam = np.asarray([[chances.get(one.true, rest) for one in seen] for _, chances, rest, _ in bets])
    paid = np.where(right, spam / met, (1 - spam) / (1 - met))
    money = np.cumprod(np.where(spam < met, paid, 1.0), axis=1)
    stake = np.asarray([stake for *_, stake in bets])
    return bets[int((stake * money[:, -1]).argmax())][0], np.asarray(stake @ money)


_Bet = tuple[str, dict[str, float], float, float]


def _bets(seen: Sequence[Evidence]) -> list[_Bet]:
    """(in words, chance of saying what is true where that is such a choice, chance for other choices, part of
    the stake): all parts together are 1."""
    choices = sorted({one.true for one in seen} | {one.said for one in seen} - {UNSURE})
    count = max(len(choices), 2)
    rare = RARELY / (count - 1)
    bets: list[_Bet] = [
        ("answers as often wrong as one who does not look", {}, 1 / count, AT_RANDOM),
        ("never says what is true", {}, RARELY, NEVER_RIGHT),
    ]
    each = (1 - AT_RANDOM - NEVER_RIGHT) / count
    bets += [(f"says “{one}” whatever is true", {one: 1 - RARELY}, rare, each) for one in choices]
    return bets
