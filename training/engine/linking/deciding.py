"""The likeliest set of links and divisions between frames, exactly, component by component.

Links alone are a matching. A division takes a mother and two daughters at once, which no matching can say.
But few divisions can be in a best set at all (`bounds`), and they lie apart: for each component of these
every set of divisions that can be together is tried (`trying`). Where one has more than `MOST_SPLITS` of
them, an integer programme decides (`programme`).
"""

import numpy as np
import numpy.typing as npt

from training.engine.linking import bounds, chances, matching, programme
from training.engine.linking.margins import by_margins
from training.engine.linking.trying import MOST_SPLITS, Posed, posed, try_all
from training.engine.linking.ways import Chosen, Floats, Ints, Splits, Ways

Mask = npt.NDArray[np.bool_]
SPREAD = 4
"""Rows that are spread over more than so many times their number get new numbers by sorting."""


def decide(ways: Ways, splits: Splits) -> Chosen:
    """Chooses so that no detection has two links in or, but for divisions, two out; least energy in all."""
    ways, splits = numbered(ways, splits)
    links = matching.match(ways.source, ways.target, ways.energy)
    kept, split_chance = np.zeros(len(splits), np.bool_), np.zeros(len(splits))
    if len(splits):
        _divide(ways, splits, links, kept, split_chance)
    link_chance = chances.of_links(ways) * (1 - _taken(ways, splits, split_chance))
    chosen, born = np.flatnonzero(links), np.flatnonzero(kept)
    return Chosen(chosen, link_chance[chosen], born, split_chance[born])


def numbered(ways: Ways, splits: Splits) -> tuple[Ways, Splits]:
    """The same with small node numbers, earlier and later ones apart."""
    early = _small(np.concatenate([ways.source, splits.mother]))
    late = _small(np.concatenate([ways.target, splits.one, splits.other]))
    m, k = len(ways), len(splits)
    return (
        Ways(early[:m], late[:m], ways.energy),
        Splits(early[m:], late[m : m + k], late[m + k :], splits.energy),
    )


def _small(rows: Ints) -> Ints:
    if not len(rows):
        return rows
    least = int(rows.min())
    if int(rows.max()) - least < SPREAD * len(rows):
        return rows - least
    return np.asarray(np.unique(rows, return_inverse=True)[1], np.int64)


def _divide(ways: Ways, splits: Splits, links: Mask, kept: Mask, chance: Floats) -> None:
    """Puts the divisions of a best set in, and in their components the links beside them; writes into the
    last three."""
    useful = np.flatnonzero(ways.energy < 0)
    search = bounds.Search(ways.where(useful), splits, links[useful])
    search.run()
    links[useful] = search.best_links
    kept[:] = search.best_splits
    chance[:] = _by_prices(splits, search.short)
    open_links, open_splits = useful[search.open_links], np.flatnonzero(search.open_splits)
    if not len(open_splits):
        return
    problem = posed(ways.where(open_links), splits.where(open_splits))
    count = np.bincount(problem.split_part, minlength=problem.parts)
    few, many = (count > 0) & (count <= MOST_SPLITS), count > MOST_SPLITS
    won = links[open_links]
    won[(count > 0)[problem.link_part]] = False
    divided, sure = np.zeros(len(open_splits), np.bool_), np.zeros(len(open_splits))
    if few.any():
        try_all(problem, few, won, divided, sure)
    if many.any():
        _by_programme(problem, many, won, divided, sure)
    links[open_links] = won
    kept[open_splits] = divided
    chance[open_splits] = sure


def _by_prices(splits: Splits, short: Floats) -> Floats:
    """Chances of divisions by how far they outbid their cells' prices, beside others that do at the same
    cell."""
    odds = np.exp(-np.clip(short, -30, 30))
    beside = odds.copy()
    for nodes in ((splits.mother,), (splits.one, splits.other)):
        total = np.zeros(1 + max(int(each.max()) for each in nodes))
        for each in nodes:
            total += np.bincount(each, odds, len(total))
        for each in nodes:
            beside = np.maximum(beside, total[each])
    return np.asarray(odds / (1 + beside))


def _by_programme(problem: Posed, many: Mask, links: Mask, kept: Mask, chance: Floats) -> None:
    """Components with many divisions, by an integer programme; the chances are those of each alone."""
    link, split = (np.flatnonzero(many[part]) for part in (problem.link_part, problem.split_part))
    won, divided = programme.decide(problem.ways.where(link), problem.splits.where(split))
    links[link[won]] = True
    kept[split[divided]] = True
    chance[split] = by_margins(problem.ways.where(link), problem.splits.where(split))


def chances_of(ways: Ways, splits: Splits) -> tuple[Floats, Floats]:
    """Chances of all links and divisions, for who has decided otherwise."""
    if not len(ways) + len(splits):
        return np.empty(0), np.empty(0)
    ways, splits = numbered(ways, splits)
    split_chance = by_margins(ways, splits)
    return chances.of_links(ways) * (1 - _taken(ways, splits, split_chance)), split_chance


def _taken(ways: Ways, splits: Splits, split_chance: Floats) -> Floats:
    """Of each link, the chance that a division has one of its ends."""
    mother = np.bincount(
        splits.mother, split_chance, 1 + max(ways.source.max(initial=0), splits.mother.max(initial=0))
    )
    child = np.zeros(
        1 + max(ways.target.max(initial=0), splits.one.max(initial=0), splits.other.max(initial=0))
    )
    for daughters in (splits.one, splits.other):
        child += np.bincount(daughters, split_chance, len(child))
    return np.minimum(np.maximum(mother[ways.source], child[ways.target]), 1.0)
