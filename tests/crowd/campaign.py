"""A campaign of a simulated crowd: who is given which item, and when an item has answers enough."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from annotation.core import crowd as craft
from annotation.core import matching
from annotation.core.crowd.values import MaskAnswer, OutlineSkill, Runs, Skills
from annotation.core.matching import ImageCounts
from tests.crowd.crops import Crop, planes
from tests.crowd.workers import Worker

Masks = Sequence[Runs]


@dataclass(eq=False)
class Campaign:
    """Answers of each item, in the order in which they came."""

    crops: Sequence[Crop]
    workers: Sequence[Worker]
    gold: frozenset[int] = frozenset()
    answers: dict[int, list[MaskAnswer]] = field(default_factory=dict)

    def truths(self) -> dict[int, list[Runs]]:
        """The truths of the gold items."""
        return {item: self.crops[item].truth for item in self.gold}

    def counted(self) -> int:
        """Answers in all, those to gold items aside."""
        return sum(len(answers) for item, answers in self.answers.items() if item not in self.gold)


def shortened(made: Campaign, redundancy: int) -> Campaign:
    """The same campaign with the first so many answers of each item that is not gold."""
    answers = {i: row if i in made.gold else row[:redundancy] for i, row in made.answers.items()}
    return Campaign(made.crops, made.workers, made.gold, answers)


def started(
    crops: Sequence[Crop],
    workers: Sequence[Worker],
    random: np.random.Generator,
    *,
    gold: int,
    gold_each: int,
) -> Campaign:
    """The first `gold` items are known, and each worker has answered some of them before anything else."""
    made = Campaign(crops, workers, frozenset(range(gold)), {i: [] for i in range(len(crops))})
    for worker in workers:
        for item in random.permutation(gold)[:gold_each].tolist():
            made.answers[item].append(worker.outline(crops[item], random))
    return made


def fixed(
    crops: Sequence[Crop],
    workers: Sequence[Worker],
    *,
    seed: int,
    redundancy: int,
    gold: int = 0,
    gold_each: int = 6,
) -> Campaign:
    """Every item answered by as many workers, drawn at random."""
    random = np.random.default_rng(seed)
    made = started(crops, workers, random, gold=gold, gold_each=gold_each)
    for item in range(gold, len(crops)):
        some = random.permutation(len(workers))[:redundancy]
        made.answers[item] = [workers[i].outline(crops[item], random) for i in some.tolist()]
    return made


def adaptive(
    crops: Sequence[Crop],
    workers: Sequence[Worker],
    *,
    seed: int,
    rule: craft.Stopping,
    gold: int = 0,
    gold_each: int = 6,
    refit: int = 200,
    shut_out: bool = False,
) -> tuple[Campaign, Skills[OutlineSkill]]:
    """Workers come at random and are given an open item with the fewest answers, until all are sure.

    What is known of the workers is learnt anew every `refit` answers; items that were sure are looked at
    again then, and with `shut_out` spammers are given no more items. Answers that they gave are kept and
    counted.
    """
    random = np.random.default_rng(seed)
    made = started(crops, workers, random, gold=gold, gold_each=gold_each)
    real = range(gold, len(crops))
    skills = craft.fit_outlines(made.answers, made.truths())
    undecided, since, asked = set(real), 0, list(workers)
    while undecided:
        item = min(undecided, key=lambda i: (len(made.answers[i]), i))
        given = {answer.worker for answer in made.answers[item]}
        free = [worker for worker in asked if worker.name not in given]
        made.answers[item].append(free[random.integers(len(free))].outline(crops[item], random))
        since += 1
        if _enough(made.answers[item], skills, rule):
            undecided.discard(item)
        if since >= refit or not undecided:
            skills, since = craft.fit_outlines(made.answers, made.truths(), before=skills), 0
            undecided = {i for i in real if not _enough(made.answers[i], skills, rule)}
            if shut_out:
                spam = spammers(made, skills)
                asked = [worker for worker in asked if worker.name not in spam]
    return made, skills


def spammers(made: Campaign, skills: Skills[OutlineSkill]) -> set[str]:
    """The workers who are found out, by gold and by agreement with items that have three answers."""
    seen: dict[str, list[craft.Evidence]] = {worker.name: [] for worker in made.workers}
    for item, answers in made.answers.items():
        known = item in made.gold
        if not known and len(answers) < 3:
            continue
        said = None if known else craft.consensus_masks(answers, skills)
        masks = made.crops[item].truth if said is None else said.masks
        truth = {"masks": [runs.tolist() for runs in masks]}
        for answer in answers:
            value = {"masks": [runs.tolist() for runs in answer.masks]}
            score = craft.gold_score(craft.Kind.OUTLINE, value, truth).score
            seen[answer.worker].append(craft.Evidence(score, said.certainty if said else 1.0))
    return {name for name, some in seen.items() if craft.is_spammer(craft.Kind.OUTLINE, some).spammer}


def _enough(answers: Sequence[MaskAnswer], skills: Skills[OutlineSkill], rule: craft.Stopping) -> bool:
    return len(answers) >= rule.least and craft.sure(craft.consensus_masks(answers, skills), rule)


# ---------------------------------------------------------------- how good it is


def consensus(made: Campaign, skills: Skills[OutlineSkill]) -> dict[int, Masks]:
    """The masks of every item that is not gold."""
    return {
        item: craft.consensus_masks(answers, skills).masks
        for item, answers in made.answers.items()
        if item not in made.gold
    }


def count(made: Campaign, said: dict[int, Masks]) -> list[ImageCounts]:
    """Counts of each item against its truth."""
    crops = made.crops
    return [
        matching.count(planes(crops[item].truth, crops[item].shape), planes(list(masks), crops[item].shape))
        for item, masks in said.items()
    ]


def by(made: Campaign, method: Callable[[Sequence[MaskAnswer], tuple[int, int]], Masks]) -> dict[int, Masks]:
    """The masks that another method makes of each item that is not gold."""
    return {
        item: method(answers, made.crops[item].shape)
        for item, answers in made.answers.items()
        if item not in made.gold
    }


def f1(counts: Sequence[ImageCounts], iou: float = 0.5) -> float:
    """Pooled object F1."""
    return matching.pool(counts).f1[iou]
