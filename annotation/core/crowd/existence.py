"""Is there a cell? Expectation-maximisation over all places of a campaign where anybody saw one.

Every worker who answered an item speaks of each of its places, by drawing there or not: as in Dawid and Skene
(1979) with two classes, each worker has the rate at which cells that are there are found and the rate at
which cells are drawn that are not; both apart for places where answers contradict each other. Places that
contradict are weighed together, over all combinations in which no two lie on each other. Places of gold items
are known. Rates are drawn towards those of all workers, by as much as a few answers weigh, so that a worker
with three answers is not believed or damned for them (Raykar et al. 2010).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from annotation.core.crowd.grouping import Knot
from annotation.core.crowd.pixels import Bools
from annotation.core.crowd.values import Floats, Ints

STRENGTH = 20.0  # places that the mean of all workers weighs
FAINT, FAINT_FOUND = (
    0.2,
    0.5,
)  # part of the cells that are hard to see, and how much more rarely they are found
DECIDED = 0.8
ROUNDS, SETTLED = 40, 1e-3
LOW = np.asarray((0.5, 0.02, 0.4, 0.02))
HIGH = np.asarray((0.97, 0.1, 0.95, 0.2))
"""Bounds of the mean rates of all workers: more than half must be worth hearing, or nothing can be known."""


@dataclass(frozen=True, eq=False)
class Places:
    """The places of one item of which its answers speak: `drew` (places, answers), which are `touching`
    (contradicted by several), knots, places given up, and of a gold item which are `true`."""

    workers: tuple[str, ...]
    drew: Bools
    touching: Bools
    knots: Sequence[Knot] = ()
    given_up: Sequence[int] = ()
    true: Bools | None = None


@dataclass(frozen=True, eq=False)
class Sightings:
    """All places of many items in one table: of each sighting (worker, place) whether the worker drew, of
    each place whether it is touching and what is known of it (-1: nothing), of each combination of a knot its
    places."""

    worker: Ints
    place: Ints
    drew: Bools
    column: Ints  # 0, or 2 where the place is touching
    known: Ints
    set_of: Ints
    place_of: Ints
    knot_of_set: Ints


def tabled(items: Sequence[Places], number: Mapping[str, int]) -> Sightings:
    """The items as one table; `number` numbers the workers."""
    at = np.cumsum([0, *(len(item.drew) for item in items)])
    workers, places, drew = [], [], []
    known = np.full(int(at[-1]), -1, np.int64)
    touching = np.zeros(int(at[-1]), np.int64)
    for item, first in zip(items, at.tolist(), strict=False):
        count = item.drew.shape
        workers.append(np.tile([number[w] for w in item.workers], count[0]))
        places.append(np.repeat(np.arange(first, first + count[0]), count[1]))
        drew.append(item.drew.ravel())
        touching[first : first + count[0]] = item.touching
        known[[first + g for g in item.given_up]] = 0
        if item.true is not None:
            known[first : first + count[0]] = item.true
    place = _joined(places)
    flags = _joined(drew).astype(bool)
    return Sightings(_joined(workers), place, flags, 2 * touching[place], known, *_sets(items, at))


def _sets(items: Sequence[Places], at: Ints) -> tuple[Ints, Ints, Ints]:
    """(combination, place) of every place of a combination, and the knot of each combination."""
    of_set, of_place, of_knot = [], [], []
    sets = count = 0
    for item, first in zip(items, at.tolist(), strict=False):
        for knot in item.knots if item.true is None else ():
            which, member = np.nonzero(knot.sets)
            of_set.append(which + sets)
            of_place.append(knot.groups[member] + first)
            of_knot.append(np.full(len(knot.sets), count))
            sets, count = sets + len(knot.sets), count + 1
    return _joined(of_set), _joined(of_place), _joined(of_knot)


def _joined(parts: Sequence[Ints | Bools]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)


def chances(table: Sightings, rates: Floats, prior: float) -> Floats:
    """(places,): the chance of each to hold a cell. `rates` (workers, 4) as in `OutlineSkill`."""
    return _weighed(table, rates, prior)[0]


def _weighed(table: Sightings, rates: Floats, prior: float) -> tuple[Floats, Floats]:
    """(chance of each place to hold a cell, chance that such a cell is faint)."""
    found = rates[table.worker, table.column]
    invented = rates[table.worker, table.column + 1]
    size = table.known.size
    clear, faint = (
        np.bincount(table.place, _step(table.drew, rate, invented), size) + np.log(share)
        for rate, share in ((found, 1 - FAINT), (FAINT_FOUND * found, FAINT))
    )
    odds = logit(prior) + np.logaddexp(clear, faint)
    chance = expit(odds)
    if table.knot_of_set.size:
        weight = np.bincount(table.set_of, odds[table.place_of], table.knot_of_set.size).astype(np.float64)
        shares = _softmax(weight, table.knot_of_set)
        chance[table.place_of] = 0
        np.add.at(chance, table.place_of, shares[table.set_of])
    return np.where(table.known >= 0, table.known, np.minimum(chance, 1.0)), expit(faint - clear)


def _step(drew: Bools, found: Floats, invented: Floats) -> Floats:
    return np.where(drew, np.log(found / invented), np.log((1 - found) / (1 - invented)))


def _softmax(weight: Floats, group: Ints) -> Floats:
    """Shares within each group; groups come in order."""
    at = np.flatnonzero(np.diff(group, prepend=-1))
    powers = np.exp(weight - np.maximum.reduceat(weight, at)[group])
    return np.asarray(powers / np.add.reduceat(powers, at)[group])


def fit(
    table: Sightings, workers: int, typical: Floats, prior: float, rates: Floats | None = None
) -> tuple[Floats, Floats, float, Floats]:
    """(rates (workers, 4), those of all together (4,), prior, chances of the places), until they settle."""
    rates = np.tile(typical, (workers, 1)) if rates is None else rates
    chance, faint = _weighed(table, rates, prior)
    for _ in range(ROUNDS):
        rates, typical = _learnt(table, chance, faint, workers, typical)
        open_places = table.known < 0
        prior = float(np.clip((chance[open_places].sum() + 14) / (open_places.sum() + 20), 0.3, 0.95))
        after, faint = _weighed(table, rates, prior)
        moved = np.abs(after - chance).max(initial=0.0)
        chance = after
        if moved < SETTLED:
            break
    return rates, typical, prior, chance


def _learnt(
    table: Sightings, chance: Floats, faint: Floats, workers: int, typical: Floats
) -> tuple[Floats, Floats]:
    """Rates of each worker and of all, from the chances of the places that are decided.

    From undecided ones too, faint cells that few saw slowly become inventions of those few, which makes the
    next such cell less likely. A faint cell counts as the part of a clear one as which it is found.
    """
    drawn, spoken = np.zeros((2, workers, 4))
    told = (np.abs(2 * chance - 1) > DECIDED).astype(np.float64)
    there_is, there_is_not = told * chance, told * (1 - chance)
    asked = there_is * (1 - (1 - FAINT_FOUND) * faint)
    for column, there, weight in ((0, there_is, asked), (1, there_is_not, there_is_not)):
        cell = table.worker * 4 + table.column + column
        spoken += np.bincount(cell, weight[table.place], workers * 4).reshape(workers, 4)
        drawn += np.bincount(cell, there[table.place] * table.drew, workers * 4).reshape(workers, 4)
    rates = (drawn + STRENGTH * typical) / (spoken + STRENGTH)
    typical = np.clip(np.median(rates, axis=0), LOW, HIGH) if workers > 2 else typical
    return np.clip(rates, 0.01, 0.98), typical
