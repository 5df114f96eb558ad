"""The likeliest set of links and divisions between frames, exactly, component by component.

Links alone are a matching. A division takes a mother and two daughters at once, which no matching can say.
But likely divisions are few, so for each component every set of divisions that can be together is tried,
the rest being matched, and the best is taken; the values of the others tell how sure it is. Where a
component has more than `MOST_SPLITS` of them, an integer programme decides (`programme`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.engine.linking import chances, matching, programme
from training.engine.linking.ways import Chosen, Floats, Ints, Splits, Ways

MOST_SPLITS = 4
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Problem:
    """Links and divisions with small node numbers, and the component of each."""

    ways: Ways
    splits: Splits
    link_part: npt.NDArray[np.int32]
    split_part: npt.NDArray[np.int32]
    parts: int


def decide(ways: Ways, splits: Splits) -> Chosen:
    """Chooses so that no detection has two links in or, but for divisions, two out; least energy in all."""
    links, open_ways, open_splits = _settled(ways, splits)
    kept, split_chance = np.zeros(len(splits), np.bool_), np.zeros(len(splits))
    won, divided, chance = _decide(ways.where(open_ways), splits.where(open_splits))
    links[open_ways[won]] = True
    kept[open_splits[divided]] = True
    split_chance[open_splits] = chance
    whole = _posed(ways, splits)
    link_chance = chances.of_links(whole.ways) * (1 - _taken(whole, split_chance))
    chosen, born = np.flatnonzero(links), np.flatnonzero(kept)
    return Chosen(chosen, link_chance[chosen], born, split_chance[born])


def _settled(ways: Ways, splits: Splits) -> tuple[Mask, Ints, Ints]:
    """Links that are in the best set whatever becomes of the rest, and the places of links and of divisions
    that are still open."""
    likely = np.flatnonzero(~_outdone(ways, splits))
    if not len(ways):
        return np.zeros(0, np.bool_), np.empty(0, np.int64), likely
    some = splits.where(likely)
    whole = _posed(ways, some)
    rivals = (
        np.zeros(_count(whole.ways.source, whole.splits.mother)),
        np.zeros(_count(whole.ways.target, whole.splits.one, whole.splits.other)),
    )
    np.maximum.at(rivals[0], whole.splits.mother, -some.energy)
    for daughters in (whole.splits.one, whole.splits.other):
        np.maximum.at(rivals[1], daughters, -some.energy)
    won, left = matching.certain(whole.ways.source, whole.ways.target, ways.energy, rivals)
    early, late = np.zeros(len(rivals[0]), np.bool_), np.zeros(len(rivals[1]), np.bool_)
    early[whole.ways.source[won]] = True
    late[whole.ways.target[won]] = True
    free = ~early[whole.splits.mother] & ~late[whole.splits.one] & ~late[whole.splits.other]
    return won, np.flatnonzero(left), likely[free]


def _count(*numbers: Ints) -> int:
    return 1 + max(int(each.max(initial=-1)) for each in numbers)


def _outdone(ways: Ways, splits: Splits) -> Mask:
    """Divisions that no best set needs: the mother's link to one daughter, and the other daughter's link from
    whom she fits better, are worth as much, even after what that source must then give up."""
    if not len(splits) or not len(ways):
        return np.zeros(len(splits), np.bool_)
    worth, count = np.maximum(-ways.energy, 0.0), 1 + max(int(ways.source.max()), int(splits.mother.max()))
    given_up = np.zeros(count)
    np.maximum.at(given_up, splits.mother, -splits.energy)
    left = np.maximum(matching.best_other(ways.source, worth, count), given_up[ways.source])
    net = Ways(ways.source, ways.target, -np.maximum(worth - left, 0.0))
    outdone = np.zeros(len(splits), np.bool_)
    for one, other in ((splits.one, splits.other), (splits.other, splits.one)):
        instead = _energy_between(ways, splits.mother, one) + _least_but(net, splits.mother, other)
        outdone |= splits.energy >= instead
    return outdone


def _decide(ways: Ways, splits: Splits) -> tuple[Mask, Mask, Floats]:
    """(links, divisions, chances of the divisions) of what is open."""
    kept, split_chance = np.zeros(len(splits), np.bool_), np.zeros(len(splits))
    problem = _posed(ways, splits)
    count = np.bincount(problem.split_part, minlength=problem.parts)
    few, many = (count > 0) & (count <= MOST_SPLITS), count > MOST_SPLITS
    won = np.zeros(len(ways), np.bool_)
    plain = (count == 0)[problem.link_part]
    won[plain] = _matched(problem.ways.where(plain))
    if few.any():
        _try_all(problem, few, won, kept, split_chance)
    if many.any():
        _by_programme(problem, many, won, kept, split_chance)
    return won, kept, split_chance


def _posed(ways: Ways, splits: Splits) -> _Problem:
    """The same with node numbers from 0, earlier and later ones apart, and with components."""
    early, late = ways.source, ways.target
    all_early = np.concatenate([early, splits.mother, splits.mother])
    all_late = np.concatenate([late, splits.one, splits.other])
    _, early_number = np.unique(all_early, return_inverse=True)
    _, late_number = np.unique(all_late, return_inverse=True)
    parts, part = matching.components(early_number.astype(np.int64), late_number.astype(np.int64))
    m, k = len(ways), len(splits)
    return _Problem(
        Ways(early_number[:m].astype(np.int64), late_number[:m].astype(np.int64), ways.energy),
        Splits(
            early_number[m : m + k].astype(np.int64),
            late_number[m : m + k].astype(np.int64),
            late_number[m + k :].astype(np.int64),
            splits.energy,
        ),
        part[:m],
        part[m : m + k],
        parts,
    )


def _matched(ways: Ways) -> Mask:
    return matching.match_rest(ways.source, ways.target, ways.energy)


def _try_all(problem: _Problem, few: Mask, links: Mask, kept: Mask, chance: Floats) -> None:
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
    base = len(problem.ways.source) + len(problem.splits) + 1
    energy = problem.ways.energy[link]
    _, early = np.unique(variant * base + problem.ways.source[link], return_inverse=True)
    _, late = np.unique(variant * base * 4 + problem.ways.target[link], return_inverse=True)
    won = matching.match(early.astype(np.int64), late.astype(np.int64), energy)
    padded = np.append(problem.splits.energy, 0.0)
    value = padded[member].sum(1) + np.bincount(variant[won], energy[won], len(part))
    best = _best_of_each(part, value, number)
    taken = np.zeros(len(part), np.bool_)
    taken[best] = True
    links[link[won & taken[variant]]] = True
    inside = member[best]
    kept[inside[inside < len(problem.splits)]] = True
    _share_chance(part, value, member, best, chance)


def _variants(problem: _Problem, few: Mask) -> Iterator[tuple[Ints, Ints]]:
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
        for mask in range(1 << many):
            inside = [i for i in range(many) if mask >> i & 1]
            good = np.ones(int(here.sum()), np.bool_)
            for n, a in enumerate(inside):
                for b in inside[n + 1 :]:
                    good &= ~_clash(problem.splits, each[:, a], each[:, b])
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


def _touched(problem: _Problem, member: Ints, link: Ints, variant: Ints) -> Mask:
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


def _by_programme(problem: _Problem, many: Mask, links: Mask, kept: Mask, chance: Floats) -> None:
    """Components with many divisions, by an integer programme; the chances are those of each alone."""
    link, split = (np.flatnonzero(many[part]) for part in (problem.link_part, problem.split_part))
    won, divided = programme.decide(problem.ways.where(link), problem.splits.where(split))
    links[link[won]] = True
    kept[split[divided]] = True
    chance[split] = _by_margins(problem.ways.where(link), problem.splits.where(split))


def _by_margins(ways: Ways, splits: Splits) -> Floats:
    """Chances of divisions by how much better each is than the best that its three cells could do instead:
    the mother goes on as one daughter and the other has another source, or both have."""
    if not len(splits):
        return np.empty(0)
    each, both = [], []
    for one, other in ((splits.one, splits.other), (splits.other, splits.one)):
        each.append(_energy_between(ways, splits.mother, one) + _least_but(ways, splits.mother, other))
        both.append(_least_but(ways, splits.mother, one))
    instead = np.minimum(np.minimum(each[0], each[1]), both[0] + both[1])
    return np.asarray(1 / (1 + np.exp(-np.clip(instead - splits.energy, -30, 30))))


def _energy_between(ways: Ways, source: Ints, target: Ints) -> Floats:
    """(k,) Energies of the links between pairs; 0 where there is none."""
    base = 1 + max(int(ways.target.max(initial=0)), int(target.max(initial=0)))
    order = np.argsort(ways.source * base + ways.target)
    keys, asked = (ways.source * base + ways.target)[order], source * base + target
    if not len(keys):
        return np.zeros(len(source))
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, np.minimum(ways.energy[order][place], 0.0), 0.0)


def _least_but(ways: Ways, source: Ints, target: Ints) -> Floats:
    """(k,) The least energy of the links into each target that are not from its source, or 0."""
    count = 1 + max(int(ways.target.max(initial=0)), int(target.max(initial=0)))
    order = np.lexsort((ways.energy, ways.target))
    into, energy, of = ways.target[order], ways.energy[order], ways.source[order]
    first = np.searchsorted(into, np.arange(count))
    padded_into, padded = np.append(into, [-1, -1]), np.append(energy, [0.0, 0.0])
    padded_of = np.append(of, [-1, -1])
    place = first[target]
    place = place + ((padded_into[place] == target) & (padded_of[place] == source))
    return np.where(padded_into[place] == target, np.minimum(padded[place], 0.0), 0.0)


def chances_of(ways: Ways, splits: Splits) -> tuple[Floats, Floats]:
    """Chances of all links and divisions, for who has decided otherwise."""
    if not len(ways) + len(splits):
        return np.empty(0), np.empty(0)
    problem = _posed(ways, splits)
    split_chance = _by_margins(problem.ways, problem.splits)
    return chances.of_links(problem.ways) * (1 - _taken(problem, split_chance)), split_chance


def _taken(problem: _Problem, split_chance: Floats) -> Floats:
    """Of each link, the chance that a division has one of its ends."""
    ways, splits = problem.ways, problem.splits
    mother = np.bincount(
        splits.mother, split_chance, 1 + max(ways.source.max(initial=0), splits.mother.max(initial=0))
    )
    child = np.zeros(
        1 + max(ways.target.max(initial=0), splits.one.max(initial=0), splits.other.max(initial=0))
    )
    for daughters in (splits.one, splits.other):
        child += np.bincount(daughters, split_chance, len(child))
    return np.minimum(np.maximum(mother[ways.source], child[ways.target]), 1.0)
