"""Divisions from shape and light: what a mother and two daughters look like, and where they lie.

A mother rounds up, condenses and brightens; her daughters are small, alike, bright, and lie on both sides of
where she was. A logistic function of these measures, in units of the movie's own spreads, says how much a
division is likelier than a cell that goes on while another appears. Its weights were fitted on simulated
movies (`python -m benchmarks.tracking_fit`), never on the movies that the benchmark judges by: for nuclei,
and for whole cells, whose daughters fill the room that she leaves. How near and how evenly cells lie tells
which they are. Of points, drawn as discs, shapes say nothing: places and light have weights of their own.
"""

import numpy as np

from training.engine.linking.detections import Floats, Ints
from training.engine.linking.division_weights import CELLS, NUCLEI, POINTS
from training.engine.linking.ways import Splits, Ways
from training.engine.linking.weighing import Weights

MOST_CHILDREN = 4
NEAR_RADII = 2.5
"""Daughters lie so many of their mother's radii around her at most."""
LEAST_BESIDE = 0.02
CLIPPED = -4.0, 4.0
TOUCHING, EVEN, UNSURE = (2.8, -4.0), (0.66, 40.0), 0.01
"""Whole cells touch, and leave each other room: so many radii apart, and so evenly, neighbours may be either;
how fast that turns; and how far from sure it stays, for cells may lie apart and nuclei touch."""
NAMES = (
    "one",
    "mother's area",
    "mother's light",
    "mother's roundness",
    "daughters' areas by mother's",
    "the same, squared",
    "daughters' areas apart",
    "daughters' light",
    "daughters' light apart",
    "daughters' area",
    "middle off mother",
    "daughters apart",
    "the same, squared",
    "sides unlike",
    "one behind the other",
    "daughters' roundness",
    "best single link",
)
SHAPES = (1, 3, 4, 5, 6, 9, 15)
"""Of these, those that outlines tell and points do not."""


def pairs_of_children(ways: Ways, square: Floats) -> tuple[Ints, Ints]:
    """Places (a, b) in the ways of every two of the nearest children of each mother."""
    order = np.lexsort((square, ways.source))
    mother = ways.source[order]
    start = np.ones(len(order), np.bool_)
    start[1:] = mother[1:] != mother[:-1]
    rank = np.arange(len(order)) - np.maximum.accumulate(np.where(start, np.arange(len(order)), 0))
    few = order[rank < MOST_CHILDREN]
    mother = ways.source[few]
    ones, others = [], []
    for apart in range(1, MOST_CHILDREN):
        same = np.flatnonzero(mother[apart:] == mother[:-apart])
        ones.append(few[same])
        others.append(few[same + apart])
    return np.concatenate(ones), np.concatenate(others)


def features(weights: Weights, mother: Ints, one: Ints, other: Ints, single: Floats) -> Floats:
    """(k, 17) of possible divisions, rows of mother and daughters. In units of spreads and of her radius.

    `single` is the energy of the better link of the mother to one of the two.
    """
    columns = measures(weights, mother, one, other, single)
    return np.asarray(np.clip(np.stack(columns, 1), *CLIPPED))


def measures(weights: Weights, mother: Ints, one: Ints, other: Ints, single: Floats) -> list[Floats]:
    """The columns of `features`, not clipped."""
    found, looks = weights.found, weights.looks.values
    hers, first, second = (np.maximum(found.area[rows], 1.0) for rows in (mother, one, other))
    radius = np.maximum((hers / np.pi) ** 0.5 if found.axes == 2 else np.cbrt(hers / 4.19), 1.0)
    here = found.place[mother] + weights.scales.drift[found.t[mother]]
    to_one, to_other = found.place[one] - here, found.place[other] - here
    long_one, long_other = (np.linalg.norm(each, axis=1) for each in (to_one, to_other))
    apart = np.linalg.norm(to_one - to_other, axis=1) / radius
    middle = np.linalg.norm(to_one + to_other, axis=1) / 2 / radius
    cosine = (to_one * to_other).sum(1) / np.maximum(long_one * long_other, 1e-9)
    share = np.log((first + second) / hers)
    return [
        np.ones(len(mother)),
        looks[mother, 0],
        np.maximum(looks[mother, 1], 0),
        looks[mother, 2],
        share,
        share**2,
        np.abs(np.log(first / second)),
        np.maximum(looks[one, 1] + looks[other, 1], 0) / 2,
        np.abs(looks[one, 1] - looks[other, 1]),
        (looks[one, 0] + looks[other, 0]) / 2,
        middle,
        apart,
        apart**2 / 4,
        np.abs(long_one - long_other) / radius,
        cosine,
        (looks[one, 2] + looks[other, 2]) / 2,
        single / 4,
    ]


def splits(weights: Weights, ways: Ways, square: Floats, *, bias: float = 0.0) -> Splits:
    """Divisions that are worth considering, with energies. `bias` in nats makes all of them likelier."""
    a, b = pairs_of_children(ways, square)
    if not len(a):
        return Splits.none()
    mother, one, other = ways.source[a], ways.target[a], ways.target[b]
    single = np.minimum(ways.energy[a], ways.energy[b])
    chance = log_chance(weights, mother, one, other, single) + bias
    energy = np.minimum(single, 0.0) - chance
    # Otherwise the mother's better link alone, which is possible whenever the division is, costs no more.
    good = (chance > 0) & (energy < 0)
    return Splits(mother, one, other, energy).where(good)


def log_chance(weights: Weights, mother: Ints, one: Ints, other: Ints, single: Floats) -> Floats:
    """How much likelier a division is than one cell that goes on and another that appears, by chance as near
    to it; nats."""
    rates, found = weights.scales.rates, weights.found
    columns = [np.clip(column, *CLIPPED) for column in measures(weights, mother, one, other, single)]
    if weights.looks.shaped:
        whole = _whole_cells(weights)
        told = np.logaddexp(
            np.log(1 - whole) + _told(columns, NUCLEI[weights.looks.lit]),
            np.log(whole) + _told(columns, CELLS[weights.looks.lit]),
        )
    else:
        told = _told(columns, POINTS[weights.looks.lit])
    ball = np.pi if found.axes == 2 else 4.19
    near = ball * (NEAR_RADII * weights.scales.radius) ** found.axes
    cells = np.maximum(np.diff(found.bounds)[found.t[other]], 1)
    beside = np.clip(cells * near / found.room, LEAST_BESIDE, 1.0)
    appearing = weights.appearing_rate(other)
    return np.asarray(told + np.log(rates.divide / appearing) - np.log(beside))


def _told(columns: list[Floats], fitted: Floats) -> Floats:
    """Logarithms of likelihood ratios (k,)."""
    told = np.zeros(len(columns[0]))
    for column, weight in zip(columns, fitted.tolist(), strict=True):
        if weight:
            told += weight * column
    return told


def _whole_cells(weights: Weights) -> float:
    """The chance that outlines are of whole cells, which touch, and not of nuclei, which lie apart."""
    scales, whole = weights.scales, 1.0
    for value, (middle, steep) in ((scales.spacing / scales.radius, TOUCHING), (scales.even, EVEN)):
        whole /= 1 + np.exp(-np.clip((value - middle) * steep, -30, 30))
    return float(np.clip(whole, UNSURE, 1 - UNSURE))
