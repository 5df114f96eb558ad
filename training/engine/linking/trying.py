"""Every set of divisions of small components is tried, the rest being matched; the best is taken, and the
values of the others tell how sure each division is."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.engine.linking import matching
from training.engine.linking.ways import Floats, Ints, Splits, Ways

MOST_SPLITS = 6
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Posed:
    """Links and divisions with small node numbers, the component of each, and how many there are."""

    ways: Ways
    splits: Splits
    link_part: npt.NDArray[np.int32]
    split_part: npt.NDArray[np.int32]
    parts: int


def posed(ways: Ways, splits: Splits) -> Posed:
    """With the components that links and divisions make together."""
    parts, part = matching.components(
        np.concatenate([ways.source, splits.mother, splits.mother]),
        np.concatenate([ways.target, splits.one, splits.other]),
    )
    m, k = len(ways), len(splits)
    return Posed(ways, splits, part[:m], part[m : m + k], parts)


def try_all(problem: Posed, few: Mask, links: Mask, kept: Mask, chance: Floats) -> None:
    """Every set of divisions of every component with a few; writes into the last three."""
    variants = list(_variants(problem, few))
    part = np.concatenate([each[0] for each in variants])
    member = np.concatenate([each[1] for each in variants])
    number = np.arange(len(part))
    by_part = np.argsort(part, kind="stable")
    from_, to = (np.searchsorted(part[by_part], problem.link_part, side) for side in ("left", "right"))
    times = np.where(few[problem.link_part], to - from_, 0)
    link = np.repeat(np.arange(len(problem.ways)), times)
    place = np.arange(len(link)) - np.repeat(np.cumsum(times) - times, times)
    variant = by_part[np.repeat(from_, times) + place]
    free = ~_touched(problem, member, link, variant)
    link, variant = link[free], variant[free]
    energy = problem.ways.energy[link]
    early, late = (_of_variant(variant, nodes[link]) for nodes in (problem.ways.source, problem.ways.target))
    won = matching.match(early, late, energy)
    padded = np.append(problem.splits.energy, 0.0)
    value = padded[member].sum(1) + np.bincount(variant[won], energy[won], len(part))
    best = _best_of_each(part, value, number)
    taken = np.zeros(len(part), np.bool_)
    taken[best] = True
    links[link[won & taken[variant]]] = True
    inside = member[best]
    kept[inside[inside < len(problem.splits)]] = True
    _share_chance(part, value, member, best, chance)


def _of_variant(variant: Ints, node: Ints) -> Ints:
    """Numbers of nodes that are apart in each variant."""
    key = variant * (int(node.max(initial=0)) + 1) + node
    return np.asarray(np.unique(key, return_inverse=True)[1], np.int64)


def _variants(problem: Posed, few: Mask) -> Iterator[tuple[Ints, Ints]]:
    """(component (v,), its chosen divisions (v, MOST_SPLITS) padded by their number) of all that can be."""
    none = len(problem.splits)
    order = np.argsort(problem.split_part, kind="stable")
    order = order[few[problem.split_part[order]]]
    part, first, count = np.unique(problem.split_part[order], return_index=True, return_counts=True)
    for many in range(1, MOST_SPLITS + 1):
        here = count == many
        if not here.any():
            continue
        each = order[first[here][:, None] + np.arange(many)]
        pairs = list(itertools.combinations(range(many), 2))
        clash = {(a, b): _clash(problem.splits, each[:, a], each[:, b]) for a, b in pairs}
        for inside in itertools.chain.from_iterable(
            itertools.combinations(range(many), size) for size in range(many + 1)
        ):
            good = np.ones(int(here.sum()), np.bool_)
            for pair in itertools.combinations(inside, 2):
                good &= ~clash[pair]
            member = np.full((int(good.sum()), MOST_SPLITS), none)
            member[:, : len(inside)] = each[good][:, inside]
            yield part[here][good].astype(np.int64), member


def _clash(splits: Splits, a: Ints, b: Ints) -> Mask:
    """Whether two divisions share a mother or a daughter."""
    clash = splits.mother[a] == splits.mother[b]
    for ours in (splits.one, splits.other):
        for theirs in (splits.one, splits.other):
            clash |= ours[a] == theirs[b]
    return np.asarray(clash)


def _touched(problem: Posed, member: Ints, link: Ints, variant: Ints) -> Mask:
    """Whether a link shares a node with a division of its variant."""
    source, target = problem.ways.source[link], problem.ways.target[link]
    touched = np.zeros(len(link), np.bool_)
    mothers = np.append(problem.splits.mother, -1)
    ones, others = np.append(problem.splits.one, -1), np.append(problem.splits.other, -1)
    for place in range(MOST_SPLITS):
        split = member[variant, place]
        touched |= (source == mothers[split]) | (target == ones[split]) | (target == others[split])
    return touched


def _best_of_each(part: Ints, value: Floats, number: Ints) -> Ints:
    order = np.lexsort((value, part))
    first = np.ones(len(order), np.bool_)
    first[1:] = part[order][1:] != part[order][:-1]
    return np.asarray(number[order[first]])


def _share_chance(part: Ints, value: Floats, member: Ints, best: Ints, chance: Floats) -> None:
    """Of each division, the weight of the variants that have it among all of its component."""
    least = np.full(int(part.max()) + 1, np.inf)
    least[part[best]] = value[best]
    weight = np.exp(-np.minimum(value - least[part], 50.0))
    whole = np.bincount(part, weight)
    share = weight / whole[part]
    inside = member < len(chance)
    np.add.at(chance, member[inside], np.broadcast_to(share[:, None], member.shape)[inside])
