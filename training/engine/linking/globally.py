"""An integer programme over many frames: links, gaps, divisions and false detections, weighed all at once.

A detection that is linked to nothing is cheaper as a false one than as a cell that appeared and vanished,
so a doubtful cell is not forced into a track. Solved in windows that overlap; what lies in the first part
of a window is kept. Jaqaman's and Padfield's flow models, with the false detections of Schiegg et al., ICCV
2013.
"""

from dataclasses import dataclass

import numpy as np

from training.engine.linking import deciding, gaps, programme
from training.engine.linking.base import Links, Problem
from training.engine.linking.detections import Ints
from training.engine.linking.ways import Splits, Ways

WINDOW, KEPT = 16, 10
"""Frames that are decided together, and how many of them are kept."""
MOST_VARIABLES = 40_000
FALSE_SHARE = 0.5
"""Of the detections that seem to appear, so many are taken for false ones."""


@dataclass(frozen=True, eq=False)
class _Whole:
    """All that is possible in a movie, by the frame of its source."""

    ways: Ways
    splits: Splits


def link(problem: Problem) -> Links:
    """Links with chances; those of the frame-to-frame assignment, for what the programme chose of it."""
    whole = _everything(problem)
    found = problem.found
    full_out, full_in = np.zeros(len(found), np.bool_), np.zeros(len(found), np.bool_)
    parts, first = [], 0
    window, kept = _window(problem, len(whole.ways) + len(whole.splits))
    while first < found.frames - 1:
        last = first + window >= found.frames - 1
        ways = _within(problem, whole.ways.source, first, first + window)
        splits = _within(problem, whole.splits.mother, first, first + window)
        free = ~full_out[whole.ways.source[ways]] & ~full_in[whole.ways.target[ways]]
        ways = ways[free]
        own = whole.splits.where(splits)
        splits = splits[~full_out[own.mother] & ~full_in[own.one] & ~full_in[own.other]]
        links = _decide(problem, whole.ways.where(ways), whole.splits.where(splits))
        until = found.frames if last else first + kept
        links = links.where(found.t[links.source] < until)
        full_out[links.source] = True
        full_in[links.target] = True
        parts.append(links)
        first = until
        problem.pause(min(first / found.frames, 1.0))
    links = Links.joined(parts)
    daughter = np.asarray(links.daughter | problem.rules.is_daughter(links.source))
    return Links(links.source, links.target, links.chance, daughter, links.given)


def _window(problem: Problem, variables: int) -> tuple[int, int]:
    per_frame = max(variables / max(problem.found.frames, 1), 1.0)
    window = int(np.clip(MOST_VARIABLES / per_frame, 4, WINDOW))
    return window, max(2, round(window * KEPT / WINDOW))


def _everything(problem: Problem) -> _Whole:
    """Links over one frame and over gaps, and divisions."""
    ways, splits = [], []
    for first, last in problem.chunks():
        some, divided = problem.weighed(first, last)
        ways.append(some)
        splits.append(divided)
    every = np.arange(len(problem.found))
    loose = gaps.LooseEnds(every, every, every[:0], every[:0])
    over, _ = problem.rules.allowed(gaps.over_gaps(problem, loose), Splits.none())
    return _Whole(Ways.joined([*ways, over]), Splits.joined(splits))


def _within(problem: Problem, source: Ints, first: int, last: int) -> Ints:
    t = problem.found.t[source]
    return np.flatnonzero((t >= first) & (t < last))


def _decide(problem: Problem, ways: Ways, splits: Splits) -> Links:
    """Zero-one variables of links, of divisions, and of detections that are false."""
    m, k = len(ways), len(splits)
    if not m + k:
        return Links.joined([])
    ends = (ways.source, ways.target, splits.mother, splits.one, splits.other)
    rows, number = np.unique(np.concatenate(ends), return_inverse=True)
    source, target, mother, one, other = np.split(number, np.cumsum([m, m, k, k]))
    count = len(rows)
    false = m + k + np.arange(count)
    columns = np.concatenate(
        [np.arange(m), m + np.arange(k), false, np.arange(m), *(2 * [m + np.arange(k)]), false]
    )
    at = np.concatenate(
        [
            source,
            mother,
            np.arange(count),
            target + count,
            one + count,
            other + count,
            np.arange(count) + count,
        ]
    )
    rates = problem.weights.scales.rates
    weights = problem.weights
    gain = (
        np.log(FALSE_SHARE * rates.appear)
        - np.log(weights.appearing_rate(rows))
        - np.log(weights.vanishing(rows))
    )
    cost = np.concatenate([ways.energy, splits.energy, -np.maximum(gain, 0.0)])
    won = programme.solve(cost, at, columns, np.ones(len(at)), np.ones(2 * count))
    some, divided = ways.where(won[:m]), splits.where(won[m : m + k])
    alone = deciding.chances_of(ways, splits)
    parts = [Links.made(some.source, some.target, alone[0][won[:m]])]
    for daughters in (divided.one, divided.other):
        parts.append(Links.made(divided.mother, daughters, alone[1][won[m : m + k]], daughter=True))
    return Links.joined(parts)
