"""After how many items spammers are found, and how many honest workers are wronged."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from annotation.core import crowd
from annotation.core.crowd import Evidence, Kind
from benchmarks import rows
from benchmarks.rows import Row
from tests.crowd import crops
from tests.crowd.crops import Crop
from tests.crowd.workers import HABITS, SPAMMERS, Habits, Worker

GOLD_SHARE = 0.2
ITEMS, LOOKED_AT, MOST = 200, 60, 20
WORKERS = 60
CHOICES = ("yes", "no")
SURE = 0.8  # how certain the consensus of the other items is, on average


def spam(seeds: Sequence[int]) -> Iterator[Row]:
    """Spammers of each sort, and honest and sloppy workers, at outlines and at yes or no."""
    setup = (
        f"one item in {1 / GOLD_SHARE:.0f} is gold, the others are held against a consensus that is right as "
        f"often as it says it is ({SURE:.0%} on average); {WORKERS * len(seeds)} workers of each sort"
    )
    items = {seed: crops.simulated(seed=seed, count=ITEMS) for seed in seeds}
    for kind in SPAMMERS:
        found = [
            _outlined(Worker(kind, kind, True), some, s, i, LOOKED_AT)
            for s, some in items.items()
            for i in range(WORKERS)
        ]
        yield _found(f"crowd.spam.outline.{kind}", f"spammers ({kind} outlines)", found, setup)
    for kind in ("constant", "random"):
        found = [_chosen(kind, seed, i, LOOKED_AT) for seed in seeds for i in range(WORKERS)]
        yield _found(f"crowd.spam.choice.{kind}", f"spammers ({kind} yes or no)", found, setup)
    few = max(WORKERS // 3, 1)
    for kind in ("honest", "large", "sloppy"):
        wrong = [
            _outlined(Worker(kind, kind, False, _own(kind, s, i)), some, s, i, ITEMS) is not None
            for s, some in items.items()
            for i in range(few)
        ]
        most = 0.01 if kind == "honest" else None
        yield rows.row(
            f"crowd.spam.wronged.{kind}",
            f"{kind} workers shut out within {ITEMS} items",
            float(np.mean(wrong)),
            "share",
            most=most,
            setup=f"{len(wrong)} workers; bound 1 %",
        )
    wrong = [_chosen("honest", seed, i, ITEMS) is not None for seed in seeds for i in range(5 * WORKERS)]
    yield rows.row(
        "crowd.spam.wronged.choice",
        f"workers with 9 of 10 right shut out within {ITEMS} items",
        float(np.mean(wrong)),
        "share",
        most=0.01,
        setup=f"{len(wrong)} workers",
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
    evidence = []
    for item in random.permutation(len(items))[:most].tolist():
        gold = random.random() < GOLD_SHARE
        certainty = 1.0 if gold else float(random.beta(8 * SURE, 8 * (1 - SURE)))
        truth = items[item].truth if gold or random.random() < certainty else items[item - 1].truth
        value = {"masks": [m.tolist() for m in worker.outline(items[item], random).masks]}
        score = crowd.gold_score(Kind.OUTLINE, value, {"masks": [m.tolist() for m in truth]}).score
        evidence.append(Evidence(score, certainty))
    verdict = crowd.is_spammer(Kind.OUTLINE, evidence)
    return verdict.answers if verdict.spammer else None


def _chosen(kind: str, seed: int, number: int, most: int) -> int | None:
    random = np.random.default_rng((seed, number, 2))
    evidence = []
    for _ in range(most):
        true = str(random.choice(CHOICES))
        said = {"constant": CHOICES[number % 2], "random": str(random.choice(CHOICES))}.get(kind, true)
        if kind == "honest" and random.random() < 0.1:
            said = CHOICES[1 - CHOICES.index(true)]
        gold = random.random() < GOLD_SHARE
        certainty = 1.0 if gold else float(random.beta(8 * SURE, 8 * (1 - SURE)))
        held = true if gold or random.random() < certainty else CHOICES[1 - CHOICES.index(true)]
        evidence.append(Evidence(float(said == held), certainty, said, held))
    verdict = crowd.is_spammer(Kind.CELL, evidence)
    return verdict.answers if verdict.spammer else None
