"""How often those who look answer a gold item right, and how much gold a worker is given.

Gold that everybody who looks gets right tells most: where honest workers are right in 97 % of all cases each
answer of one who guesses is worth .9 nats, at 85 % only .34. Who looks is not known, so both are learnt
together (EM): a worker looks, or answers every item right with the chance of a guess.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from annotation.core.crowd.values import Floats, Kind

ROUNDS = 30
PRIOR = (9.0, 1.0)  # right and wrong answers that an item begins with: 90 %
SPAM_PRIOR = 0.2
LEAST_ANSWERS = 8
MARGIN = 0.03  # so much worse than the others an honest worker may be
SPAN = (0.6, 0.96)
CLEAR = 0.93

MOST_FIRST, FIRST_SHARE = 16, 0.8
TRUSTED_NATS = 3.0
RIGHT_NATS, WRONG_NATS = float(np.log(0.9 / 0.5)), float(np.log(0.1 / 0.5))
FEW, FEW_TIMES, FEW_SHARE = 3, 3.0, 0.5


def clarity(answers: Mapping[str, Sequence[tuple[str, bool]]], *, guess: float = 0.5) -> dict[str, float]:
    """How often those who look are right, by item, from (item, right) of each worker; of items with few
    answers nothing is said."""
    items = sorted({item for row in answers.values() for item, _ in row})
    if not items:
        return {}
    column = {item: i for i, item in enumerate(items)}
    worker = np.concatenate([np.full(len(row), i) for i, row in enumerate(answers.values())]).astype(int)
    item = np.asarray([column[name] for row in answers.values() for name, _ in row])
    right = np.asarray([good for row in answers.values() for _, good in row])
    looks = np.ones(len(answers))
    rate = np.zeros(len(items))
    for _ in range(ROUNDS):
        weight = looks[worker]
        hit = np.bincount(item, weight * right, len(items)) + PRIOR[0]
        rate = hit / (np.bincount(item, weight, len(items)) + sum(PRIOR))
        looks = _looks(worker, np.where(right, rate[item], 1 - rate[item]), right, len(answers), guess)
    count = np.bincount(item, minlength=len(items))
    return {name: float(rate[i]) for name, i in column.items() if count[i] >= LEAST_ANSWERS}


def _looks(worker: Floats, honest: Floats, right: Floats, count: int, guess: float) -> Floats:
    """(workers,): the chance that each one looks."""
    against = np.log(np.where(right, guess, 1 - guess)) - np.log(honest)
    odds = np.bincount(worker, against, count) + np.log(SPAM_PRIOR / (1 - SPAM_PRIOR))
    return np.asarray(1 / (1 + np.exp(np.clip(odds, -50, 50))))


def expected(clear: float) -> float:
    """How often an honest worker is expected to be right at an item of such clarity, at least."""
    return float(np.clip(clear - MARGIN, *SPAN))


def is_trusted(kind: Kind, gold_answered: int, gold_score: float | None) -> bool:
    """Has a worker answered gold often and well enough to meet no more of it than others?"""
    if not kind.of_choices:
        return gold_answered >= FEW
    right = (gold_score or 0.0) * gold_answered
    nats = right * RIGHT_NATS + (gold_answered - right) * WRONG_NATS
    return nats >= TRUSTED_NATS or gold_answered >= MOST_FIRST


def share_now(kind: Kind, share: float, *, gold_answered: int, gold_score: float | None) -> float:
    """The chance that the next item is gold, of a campaign with this share of gold: more for a new worker. At
    choices one answer tells little, so much more until the worker is trusted."""
    if share <= 0 or is_trusted(kind, gold_answered, gold_score):
        return share
    if kind.of_choices:
        return max(share, FIRST_SHARE)
    return min(share * FEW_TIMES, max(share, FEW_SHARE))
