"""How sure a division is, by what its three cells could do instead."""

import numpy as np

from training.engine.linking.ways import Floats, Ints, Splits, Ways


def by_margins(ways: Ways, splits: Splits) -> Floats:
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
