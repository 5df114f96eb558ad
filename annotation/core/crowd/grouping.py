"""Which answers mean the same cell, and which contradict each other.

A cell that answers speak of is a group of at most one mask (or click) of each. Two groups that lie on each
other cannot both be cells: the one cell that a worker drew over two of the others', or the two halves of
one. Which of them are right is decided later, for each knot of contradicting groups as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from annotation.core.crowd.pixels import Bools, Drawn
from annotation.core.crowd.values import Floats, Ints

LINK_IOU = 0.3
SAME_IOU = 0.7  # two masks of one answer that are this alike are one cell drawn twice
WITHIN = 0.5
CONFLICT = 0.35  # part of the smaller group that lies in the other
KNOT_MOST = 8  # groups of a knot of which all combinations are weighed


@dataclass(frozen=True, eq=False)
class Knot:
    """Groups of which not all can be cells, and every combination that can (combinations, groups)."""

    groups: Ints
    sets: Bools


def twice(shared: Floats, area: Floats, owner: Ints) -> Bools:
    """(masks,): drawn again by the same worker. Of each such pair the later one."""
    same = np.triu(owner[:, None] == owner[None, :], 1)
    if not same.any():
        return np.zeros(owner.size, bool)
    union = area[:, None] + area[None, :] - shared
    return np.asarray((same & (shared > SAME_IOU * union)).any(axis=0))


def alike(shared: Floats, area: Floats, owner: Ints) -> Floats:
    """(masks, masks): IoU of masks of different answers, 0 where one covers several of the other's."""
    union = area[:, None] + area[None, :] - shared
    iou = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    lies_in = (shared > WITHIN * area[:, None]).astype(np.float64)
    of_answer = np.zeros((int(owner.max(initial=-1)) + 1, owner.size))
    of_answer[owner, np.arange(owner.size)] = 1
    covers = (of_answer @ lies_in >= 2).T[:, owner]  # (mask, by the answer of the other mask)
    iou[covers | covers.T | (owner[:, None] == owner[None, :])] = 0
    return np.asarray(iou)


def grouped(likeness: Floats, owner: Ints, least: float) -> list[list[int]]:
    """Groups of masks, most alike first, by mean likeness of at least `least`, one mask of an answer each."""
    group = list(range(owner.size))
    members = [[i] for i in group]
    owners = [{o} for o in owner.tolist()]
    first, second = np.nonzero(np.triu(likeness, 1) >= least)
    order = np.argsort(-likeness[first, second], kind="stable")
    table = likeness.tolist()
    for a, b in zip(first[order].tolist(), second[order].tolist(), strict=True):
        one, two = group[a], group[b]
        if one == two or owners[one] & owners[two]:
            continue
        between = [table[i][j] for i in members[one] for j in members[two]]
        if sum(between) < least * len(between):
            continue
        for i in members[two]:
            group[i] = one
        members[one] += members[two]
        owners[one] |= owners[two]
        members[two] = []
    return [sorted(some) for some in members if some]


def conflicts(masks: Drawn, groups: Sequence[Sequence[int]]) -> Bools:
    """(groups, groups): those that lie on each other, by the pixels that half of each group's masks have."""
    if len(groups) < 2:
        return np.zeros((len(groups), len(groups)), bool)
    of = np.full(masks.masks, -1)
    for number, members in enumerate(groups):
        of[list(members)] = number
    kept = of[masks.mask] >= 0
    place = of[masks.mask[kept]] * masks.row.size + masks.pixel[kept]
    votes = np.bincount(place, minlength=len(groups) * masks.row.size).reshape(len(groups), -1)
    size = np.asarray([len(members) for members in groups])
    half = (2 * votes >= size[:, None]).astype(np.float32)
    shared, area = half @ half.T, half.sum(axis=1)
    against = shared > CONFLICT * np.minimum(area[:, None], area[None, :])
    np.fill_diagonal(against, False)
    return np.asarray(against)


def knots(against: Bools, votes: Ints) -> tuple[list[Knot], Ints]:
    """(knots of contradicting groups, groups given up).

    Of a knot that is too large the group with the fewest `votes` and the most contradictions goes, until
    what is left can be weighed as a whole.
    """
    if not against.any():
        return [], np.zeros(0, np.int64)
    against = against.copy()
    given_up: list[int] = []
    while True:
        parts = _parts(against)
        large = [part for part in parts if part.size > KNOT_MOST]
        if not large:
            kept = [Knot(part, _independent(against[np.ix_(part, part)])) for part in parts]
            return kept, np.asarray(given_up, np.int64)
        for part in large:
            worst = part[np.lexsort((-against[part].sum(axis=1), votes[part]))[0]]
            given_up.append(int(worst))
            against[worst] = against[:, worst] = False


def _parts(against: Bools) -> list[Ints]:
    label = connected_components(coo_array(against), directed=False)[1]
    inside = np.flatnonzero(against.any(axis=1))
    order = inside[np.argsort(label[inside], kind="stable")]
    edges = np.flatnonzero(np.diff(label[order], prepend=-1, append=-1))
    return [order[a:b] for a, b in pairwise(edges.tolist())]


def _independent(against: Bools) -> Bools:
    """(combinations, groups): every choice of groups of which no two contradict each other."""
    n = len(against)
    choice = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
    wrong = ((choice @ against.astype(np.int64)) * choice).any(axis=1)
    return np.asarray(choice[~wrong], np.bool_)
