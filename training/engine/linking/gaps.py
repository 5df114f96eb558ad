"""Second step: what the loose ends of tracks are, a few frames apart.

An end and a beginning may be one cell that was missing; a beginning may be a daughter who was missing at
first, of a mother who seems to go on in her sister; and two beginnings may be daughters of a mother who was
missing last. All of it is decided together. Jaqaman et al., Nature Methods 5 (2008), 695, with the energies
of `weighing` in place of distances.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from training.engine.linking import deciding, division
from training.engine.linking.base import Links, Problem
from training.engine.linking.detections import Floats, Ints
from training.engine.linking.neighbours import nearest
from training.engine.linking.ways import Splits, Ways

MOST_NEAR = 3


@dataclass(frozen=True, eq=False)
class LooseEnds:
    """Rows, ascending: without a link out, without a link in, and those that go on as one cell, with whom."""

    ends: Ints
    starts: Ints
    middles: Ints
    after: Ints


def close(problem: Problem, links: Links, *, first: int = 2) -> Links:
    """The links, and those over gaps and to late daughters. `first`: daughters from so many frames later."""
    loose, count = loose_ends(problem, links), len(problem.found)
    over, _ = problem.rules.allowed(over_gaps(problem, loose), Splits.none())
    late, lost = Ways.none(), Splits.none()
    if problem.options.divisions:
        late = late_daughters(problem, loose, first)
        lost = lost_mothers(problem, loose)
        late = late.where(problem.rules.may(late.source, late.target))
        _, lost = problem.rules.allowed(Ways.none(), lost)
    # A mother who goes on gives one daughter more: a source of its own, apart from that of her link.
    both = Ways.joined([over, replace(late, source=late.source + count)])
    chosen = deciding.decide(both, lost)
    some, chance = both.where(chosen.links), chosen.link_chance
    born = some.source >= count
    mothers = some.source[born] - count
    parts = [
        replace(links, daughter=links.daughter | np.isin(links.source, mothers)),
        Links.made(some.source[~born], some.target[~born], chance[~born]),
        Links.made(mothers, some.target[born], chance[born], daughter=True),
    ]
    divided = lost.where(chosen.splits)
    for daughters in (divided.one, divided.other):
        parts.append(Links.made(divided.mother, daughters, chosen.split_chance, daughter=True))
    return Links.joined(parts)


def loose_ends(problem: Problem, links: Links) -> LooseEnds:
    """What has no link; what people have settled is in none of it."""
    out, into = problem.rules.full_out.copy(), problem.rules.full_in.copy()
    out[links.source] = True
    into[links.target] = True
    same = ~links.daughter & (problem.found.t[links.target] - problem.found.t[links.source] == 1)
    order = np.argsort(links.source[same])
    middles, after = links.source[same][order], links.target[same][order]
    return LooseEnds(np.flatnonzero(~out), np.flatnonzero(~into), middles, after)


def over_gaps(problem: Problem, loose: LooseEnds) -> Ways:
    """Possible links from ends to beginnings, two to max_gap_frames + 1 frames later."""
    parts = []
    for frames in range(2, problem.options.max_gap_frames + 2):
        source, target, square = _near_pairs(problem, loose.ends, loose.starts, frames)
        energy = problem.weights.link(source, target, square, frames)
        parts.append(Ways(source, target, energy).where(energy < 0))
    return Ways.joined(parts)


def late_daughters(problem: Problem, loose: LooseEnds, first: int) -> Ways:
    """Possible second daughters, `first` to max_gap_frames + 1 frames after a mother who seems to go on."""
    weights, parts = problem.weights, []
    for frames in range(first, problem.options.max_gap_frames + 2):
        mother, daughter, _ = _near_pairs(problem, loose.middles, loose.starts, frames)
        sister = loose.after[np.searchsorted(loose.middles, mother)]
        single = _single(problem, mother, sister)
        chance = division.log_chance(weights, mother, sister, daughter, single)
        parts.append(Ways(mother, daughter, -_later(problem, chance, frames)))
    ways = Ways.joined(parts)
    return ways.where(ways.energy < 0)


def lost_mothers(problem: Problem, loose: LooseEnds) -> Splits:
    """Possible divisions of an end into two beginnings of one frame, two and more frames later."""
    weights, parts = problem.weights, []
    for frames in range(2, problem.options.max_gap_frames + 2):
        source, target, square = _near_pairs(problem, loose.ends, loose.starts, frames)
        if not len(source):
            continue
        ways = Ways(source, target, weights.link(source, target, square, frames))
        a, b = division.pairs_of_children(ways, square)
        mother, one, other = source[a], target[a], target[b]
        single = np.minimum(np.minimum(ways.energy[a], ways.energy[b]), 0.0)
        chance = division.log_chance(weights, mother, one, other, single)
        parts.append(Splits(mother, one, other, single - _later(problem, chance, frames)))
    splits = Splits.joined(parts)
    return splits.where(splits.energy < 0)


def _later(problem: Problem, chance: Floats, frames: int) -> Floats:
    """The same chance, so many frames late: someone must have been missing all the while."""
    missing = (frames - 1) * np.log(problem.weights.scales.rates.miss)
    return np.asarray(chance + problem.options.division_bias + missing)


def _single(problem: Problem, source: Ints, target: Ints) -> Floats:
    """Energies of links over one frame."""
    found, drift = problem.found, problem.weights.scales.drift
    if not len(source):
        return np.empty(0)
    step = found.place[target] - found.place[source] - drift[found.t[source]]
    return problem.weights.link(source, target, (step**2).sum(1))


def _near_pairs(problem: Problem, sources: Ints, targets: Ints, frames: int) -> tuple[Ints, Ints, Floats]:
    """(source, target, squared distance) of near rows that are so many frames apart; (m,)."""
    parts = list(_near(problem, sources, targets, frames))
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    source, target, square = (np.concatenate([part[i] for part in parts]) for i in range(3))
    return source, target, square


def _near(problem: Problem, sources: Ints, targets: Ints, frames: int) -> Iterator[tuple[Ints, Ints, Floats]]:
    weights, found = problem.weights, problem.found
    times = np.arange(found.frames + 1)
    early, late = np.searchsorted(found.t[sources], times), np.searchsorted(found.t[targets], times)
    reach = weights.reach * np.sqrt(frames)
    for t in range(found.frames - frames):
        here, there = sources[early[t] : early[t + 1]], targets[late[t + frames] : late[t + frames + 1]]
        if len(here) and len(there):
            expected = weights.expected(t, frames)[here - found.bounds[t]]
            distance, row = nearest(expected, found.place[there], MOST_NEAR, reach)
            target, rank = np.nonzero(np.isfinite(distance))
            yield here[row[target, rank]], there[target], distance[target, rank] ** 2
