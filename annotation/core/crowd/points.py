"""Consensus of clicked centres: which there are as for outlines, and where, by how exactly each worker
clicks.

A centre is the mean of its clicks, each weighed by one over the square of its worker's spread; the spread is
learnt from how far a worker's clicks lie from the centres that the others make, over the whole campaign.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.core.crowd import existence, grouping, worth
from annotation.core.crowd.existence import Places
from annotation.core.crowd.pairs import RADIUS_PX
from annotation.core.crowd.values import (
    Floats,
    Ints,
    Key,
    PointAnswer,
    PointConsensus,
    PointItems,
    PointOfCrowd,
    PointSkill,
    Skills,
)

STRENGTH = 8.0  # clicks that the spread of all workers weighs
LEAST_PX = 0.3
ROUNDS = 10
GOLD_AT_ONCE = 5


@dataclass(frozen=True, eq=False)
class Clicked:
    """An item: its places, and the clicks (n, 2) with the answer and the place of each; a gold item's true
    centres are the clicks of the answer after the last."""

    places: Places
    points: Floats
    owner: Ints
    place: Ints


def _prepared(answers: Sequence[PointAnswer], radius_px: float, truth: Floats | None = None) -> Clicked:
    every = [answer.points for answer in answers] + ([truth] if truth is not None else [])
    owner = np.repeat(np.arange(len(every)), [len(points) for points in every])
    points = np.concatenate([*every, np.zeros((0, 2))])
    distance = np.linalg.norm(points[:, None] - points[None, :], axis=2)
    likeness = np.where(owner[:, None] == owner[None, :], 0, np.clip(1 - distance / (2 * radius_px), 0, None))
    groups = grouping.grouped(likeness, owner, 0.5)
    drew = np.zeros((len(groups), len(every)), bool)
    place = np.zeros(len(points), np.int64)
    for number, members in enumerate(groups):
        drew[number, owner[members]] = True
        place[members] = number
    workers = tuple(answer.worker for answer in answers)
    true = drew[:, -1] if truth is not None else None
    touching = np.zeros(len(groups), bool)
    return Clicked(Places(workers, drew[:, : len(workers)], touching, true=true), points, owner, place)


def fit_points(
    items: PointItems, truths: Mapping[Key, Floats] | None = None, *, radius_px: float = RADIUS_PX
) -> Skills[PointSkill]:
    """What the answers of a whole campaign tell of its workers; `truths` (n, 2) of the gold items."""
    ready = _ready(items, truths or {}, radius_px)
    counts: dict[str, int] = {}
    for answers in items.values():
        for answer in answers:
            counts[answer.worker] = counts.get(answer.worker, 0) + 1
    number = {worker: i for i, worker in enumerate(counts)}
    first = PointSkill()
    start = np.asarray((first.finds, first.invents, first.finds, first.invents))
    table = existence.tabled([item.places for item in ready], number)
    rates, typical, prior, exists = existence.fit(table, len(number), start, Skills(first).prior)
    spread, common = _fit_spread(ready, exists, number)
    skills = {
        w: PointSkill(float(rates[i, 0]), float(rates[i, 1]), float(spread[i]), counts[w])
        for w, i in number.items()
    }
    return Skills(PointSkill(float(typical[0]), float(typical[1]), common, 0), skills, prior)


def _ready(items: PointItems, truths: Mapping[Key, Floats], radius_px: float) -> list[Clicked]:
    ready = []
    for key, answers in items.items():
        if key not in truths:
            ready.append(_prepared(answers, radius_px))
            continue
        parts = max(1, round(len(answers) / GOLD_AT_ONCE))
        ready += [_prepared(answers[i::parts], radius_px, truths[key]) for i in range(parts)]
    return ready


def _fit_spread(ready: Sequence[Clicked], exists: Floats, number: Mapping[str, int]) -> tuple[Floats, float]:
    """(spread of each worker, that of all) in px; true centres of gold items are exact."""
    points, worker, place, first = [], [], [], 0
    for item in ready:
        names = np.asarray([number[w] for w in item.places.workers] + [len(number)])
        points.append(item.points)
        worker.append(names[item.owner])
        place.append(item.place + first)
        first += len(item.places.drew)
    at, who, where = np.concatenate([*points, np.zeros((0, 2))]), _joined(worker), _joined(place)
    spread, common = np.full(len(number) + 1, PointSkill().spread_px), PointSkill().spread_px
    spread[-1] = 0.1
    clicks = who < len(number)
    for _ in range(ROUNDS):
        share = 1 / spread[who] ** 2
        total = np.bincount(where, share, first)[where]
        others = total - share
        use = clicks & (others > 1e-9)
        middle = np.stack([np.bincount(where, share * at[:, k], first)[where] for k in (0, 1)], axis=1)
        apart = at[use] - (middle[use] - share[use, None] * at[use]) / others[use, None]
        # a click is off by its own spread and by that of the others' mean
        off = np.maximum((apart**2).mean(axis=1) - 1 / others[use], LEAST_PX**2)
        weight = exists[where[use]]
        common = float(np.sqrt((off @ weight + 10 * PointSkill().spread_px ** 2) / (weight.sum() + 10)))
        summed = np.bincount(who[use], weight * off, len(number)) + STRENGTH * common**2
        spread[:-1] = np.sqrt(summed / (np.bincount(who[use], weight, len(number)) + STRENGTH))
    return spread[:-1], common


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)


def consensus_points(
    answers: Sequence[PointAnswer],
    skills: Skills[PointSkill] | None = None,
    *,
    radius_px: float = RADIUS_PX,
) -> PointConsensus:
    """The centres of one item; clicks within `radius_px` of each other may mean the same cell."""
    skills = skills or Skills(PointSkill())
    item = _prepared(answers, radius_px)
    workers = list(dict.fromkeys(item.places.workers))
    rates = np.asarray([[s.finds, s.invents, s.finds, s.invents] for s in map(skills.of, workers)])
    table = existence.tabled([item.places], {worker: i for i, worker in enumerate(workers)})
    exists = existence.chances(table, rates.reshape(-1, 4), skills.prior)
    found = [_point(item, place, float(exists[place]), skills) for place in range(exists.size)]
    taken = exists >= 0.5
    missed = worth.hidden(exists, taken, np.asarray([skills.of(a.worker).finds for a in answers]))
    known = np.full(exists.size, 1.0)
    gain = worth.gain_of_places(exists, known * skills.typical.finds, known * skills.typical.invents)
    return PointConsensus(
        tuple(p for p in found if p.taken),
        tuple(p for p in found if not p.taken),
        worth.quality(exists, taken, known, missed),
        (gain + missed * skills.typical.finds) / max(1.0, float(exists.sum())),
        len(answers),
    )


def _point(item: Clicked, place: int, exists: float, skills: Skills[PointSkill]) -> PointOfCrowd:
    mine = np.flatnonzero(item.place == place)
    by = tuple(item.places.workers[i] for i in item.owner[mine].tolist())
    share = np.asarray([1 / skills.of(worker).spread_px ** 2 for worker in by])
    y, x = (share @ item.points[mine] / share.sum()).tolist()
    return PointOfCrowd(y, x, exists, float(share.sum() ** -0.5), exists >= 0.5, by)
