"""After how many items spammers are found, and how many honest workers are wronged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from annotation.core import crowd
from annotation.core.crowd import DrawnAnswer, Evidence, Kind
from benchmarks import rows
from benchmarks.rows import Row
from tests.crowd import crops
from tests.crowd.crops import Crop
from tests.crowd.workers import HABITS, SPAMMERS, Habits, Worker

GOLD_SHARE = 0.1  # a campaign's own; new workers meet more by the rule of `crowd.share_now`
ITEMS, LOOKED_AT, MOST = 200, 60, 20
WORKERS = 60
CHOICES = ("yes", "no")
SURE = 0.8  # how certain the consensus of the other items is, on average
POOL, POOL_WORKERS, POOL_EACH, POOL_BAD = 60, 60, 12, 0.3  # who answered the gold before
EASY = ("honest", "sloppy")
SIZED_MOST, GOLD_MOST = 30, 16  # as the house has them


def spam(seeds: Sequence[int]) -> Iterator[Row]:
    """Spammers of each sort, and honest and sloppy workers, at outlines and at yes or no."""
    yield from _outliners(seeds)
    for known in (False, True):
        yield from _choosers(seeds, known)


def _setup(seeds: Sequence[int]) -> str:
    return (
        f"gold by the rule of a campaign with {GOLD_SHARE:.0%} of it, the other items are held against a "
        f"consensus that is right as often as it says it is ({SURE:.0%} on average); {WORKERS * len(seeds)} "
        f"workers of each sort"
    )


def _outliners(seeds: Sequence[int]) -> Iterator[Row]:
    items = {seed: crops.simulated(seed=seed, count=ITEMS) for seed in seeds}
    for kind in SPAMMERS:
        found = [
            _outlined(Worker(kind, kind, True), some, s, i, LOOKED_AT)
            for s, some in items.items()
            for i in range(WORKERS)
        ]
        yield _found(f"crowd.spam.outline.{kind}", f"spammers ({kind} outlines)", found, _setup(seeds))
    few = max(WORKERS // 3, 1)
    for kind in ("honest", "large", "small", "sloppy"):
        wrong = [
            _outlined(Worker(kind, kind, False, _own(kind, s, i)), some, s, i, ITEMS) is not None
            for s, some in items.items()
            for i in range(few)
        ]
        most = 0.01 if kind == "honest" else None
        what = f"{kind} workers shut out within {ITEMS} items"
        setup = f"{len(wrong)} workers; bound 1 %"
        yield rows.row(
            f"crowd.spam.wronged.{kind}", what, float(np.mean(wrong)), "share", most=most, setup=setup
        )


def _choosers(seeds: Sequence[int], known: bool) -> Iterator[Row]:
    """`known`: items differ in how hard they are, and the gold was answered before by a crowd."""
    mark, told = ("", "9 of 10 items right, whatever the item") if not known else (".known", "by difficulty")
    golds = {seed: _gold(seed) if known else {} for seed in seeds}
    for kind in ("constant", "random"):
        found = [_chosen(kind, s, i, LOOKED_AT, golds[s])[0] for s in seeds for i in range(WORKERS)]
        yield _found(f"crowd.spam.choice.{kind}{mark}", f"spammers ({kind} yes or no)", found,
                     f"honest workers: {told}; {_setup(seeds)}")  # fmt: skip
    for kind in EASY if known else ("honest",):
        some = [_chosen(kind, s, i, ITEMS, golds[s]) for s in seeds for i in range(5 * WORKERS)]
        most = 0.01 if kind == "honest" else None
        setup = f"{len(some)} workers: {told}; {np.mean([n for _, n in some]):.0f} of their items are gold"
        what, share = (
            f"{kind} choosers shut out within {ITEMS} items",
            np.mean([n is not None for n, _ in some]),
        )
        mine = "choice" if kind == "honest" else f"choice.{kind}"
        yield rows.row(
            f"crowd.spam.wronged.{mine}{mark}", what, float(share), "share", most=most, setup=setup
        )


def _found(id: str, what: str, found: list[int | None], setup: str) -> Row:
    some = sorted(n for n in found if n is not None)
    share = sum(n <= MOST for n in some) / len(found)
    middle = (
        f"median {some[len(some) // 2]}, {len(found) - len(some)} not within {LOOKED_AT}" if some else "none"
    )
    return rows.row(
        id, f"{what} found within {MOST} items", share, "share", least=0.95, setup=f"{middle} items; {setup}"
    )


def _own(kind: str, seed: int, number: int) -> Habits:
    random = np.random.default_rng((seed, number))
    habits = HABITS[kind]
    return replace(
        habits, swing=habits.swing * random.lognormal(0, 0.2), merges=habits.merges * random.lognormal(0, 0.5)
    )


def _outlined(worker: Worker, items: Sequence[Crop], seed: int, number: int, most: int) -> int | None:
    """After how many answers the worker is found out, None: not within `most`."""
    random = np.random.default_rng((seed, number, 1))
    evidence: list[Evidence] = []
    drawn: list[DrawnAnswer] = []
    gold_scores: list[float] = []
    suspected = 0
    for item in random.permutation(len(items))[:most].tolist():
        gold = random.random() < _share(Kind.OUTLINE, gold_scores)
        certainty = 1.0 if gold else float(random.beta(8 * SURE, 8 * (1 - SURE)))
        truth = items[item].truth if gold or random.random() < certainty else items[item - 1].truth
        value = {"masks": [m.tolist() for m in worker.outline(items[item], random).masks]}
        true = {"masks": [m.tolist() for m in truth]}
        score = crowd.gold_score(Kind.OUTLINE, value, true).score
        gold_scores += [score] if gold else []
        evidence.append(Evidence(score, certainty))
        high, wide = items[item].shape
        drawn.append(DrawnAnswer(value, true, high, wide, certainty))
        suspected += crowd.is_spammer(Kind.OUTLINE, evidence).spammer
        if suspected % 5 == 1:
            sized = crowd.is_spammer_of_any_size(Kind.OUTLINE, drawn[-SIZED_MOST:])
            if sized.spammer:
                return len(evidence)
    return None


def _share(kind: Kind, gold: Sequence[float]) -> float:
    score = float(np.mean(gold)) if gold else None
    return crowd.share_now(kind, GOLD_SHARE, gold_answered=len(gold), gold_score=score)


def _gold(seed: int) -> dict[float, float]:
    """How clear each gold item is by what a crowd with spammers answered, by how hard it is."""
    random = np.random.default_rng((seed, 7))
    hard = (random.random(POOL) ** 2).tolist()
    told = {}
    for i in range(POOL_WORKERS):
        worker = Worker("", "random" if i < POOL_BAD * POOL_WORKERS else "honest", False)
        mine = random.permutation(POOL)[:POOL_EACH].tolist()
        told[str(i)] = [(str(j), _said(worker.kind, "yes", i, random, hard[j]) == "yes") for j in mine]
    clear = crowd.clarity(told)
    return {hard[j]: clear[str(j)] for j in range(POOL) if str(j) in clear}


def _said(kind: str, true: str, number: int, random: np.random.Generator, hard: float | None) -> str:
    """What a worker says; without `hard` an honest one is right in 9 of 10 cases."""
    if kind == "constant":
        return CHOICES[number % 2]
    if kind == "honest" and hard is None:
        return true if random.random() > 0.1 else CHOICES[1 - CHOICES.index(true)]
    return Worker("", kind, False).choose(true, CHOICES, hard or 0.0, random).choice


def _chosen(
    kind: str, seed: int, number: int, most: int, gold: Mapping[float, float]
) -> tuple[int | None, int]:
    """(after how many answers the worker is found out, None: not within `most`; how many were gold)."""
    random = np.random.default_rng((seed, number, 2))
    clear = [hard for hard, share in gold.items() if share >= crowd.CLEAR]
    evidence: list[Evidence] = []
    right: list[float] = []
    for _ in range(most):
        true = str(random.choice(CHOICES))
        is_gold = random.random() < _share(Kind.CELL, right)
        hard = random.random() ** 2 if gold else None
        if is_gold and gold:
            first = clear if len(right) < GOLD_MOST and clear else list(gold)
            hard = float(random.choice(first))
        said = _said(kind, true, number, random, hard)
        certainty = 1.0 if is_gold else float(random.beta(8 * SURE, 8 * (1 - SURE)))
        held = true if is_gold or random.random() < certainty else CHOICES[1 - CHOICES.index(true)]
        expected = crowd.expected(gold[hard]) if is_gold and hard is not None and gold else None
        right += [float(said == held)] if is_gold else []
        evidence.append(Evidence(float(said == held), certainty, said, held, expected))
    verdict = crowd.is_spammer(Kind.CELL, evidence)
    return (verdict.answers if verdict.spammer else None), len(right)
