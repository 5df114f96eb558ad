"""Scores of whole tracks and families: what people feel when they follow a cell, and TRA hides.

CT, TF and CCA: V. Ulman et al. 2017, doi:10.1038/nmeth.4473. IDF1: E. Ristani et al. 2016,
doi:10.1007/978-3-319-48881-3_2. CHOTA: T. Kaiser et al. 2024, arXiv 2408.11571.
"""

from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from annotation.core.tracks.aogm import Comparison
from annotation.core.tracks.graph import Flags, Floats, Ints, LineageGraph, merge_only_children

DENSE = 1 << 11  # tables of up to so many entries are multiplied faster whole, and in whole numbers,
ASSIGNED_AT_ONCE = 1 << 14  # assigned faster whole

# ---------------------------------------------------------------- tracks


def followed(comparison: Comparison) -> Flags:
    """(true tracks,) Which are one predicted track from the same first frame to the same last (for CT)."""
    truth, predicted = comparison.truth, comparison.predicted
    size = truth.parent.size
    said = comparison.partner
    if predicted.t.size:
        said = np.where(said >= 0, predicted.track[said], -1)
    least, most = np.full(size, np.iinfo(np.int64).max), np.full(size, -1, np.int64)
    np.minimum.at(least, truth.track, said)
    np.maximum.at(most, truth.track, said)
    same = np.flatnonzero((least == most) & (most >= 0))
    whole = np.zeros(size, np.bool_)
    whole[same] = (truth.first[same] == predicted.first[most[same]]) & (
        truth.last[same] == predicted.last[most[same]]
    )
    return whole


def track_fractions(comparison: Comparison) -> Floats:
    """Of each true track that was found, the longest part that one predicted track follows; TF is the mean.

    Predicted tracks are gone through by number, and one that follows a whole track counts for no further
    one: so does the challenge's programme.
    """
    truth = comparison.truth
    runs = _longest_runs(comparison)
    best = np.zeros(truth.parent.size)
    length = truth.last - truth.first + 1
    done = -1
    for said, true, run in zip(*(column.tolist() for column in runs), strict=True):
        if said == done or best[true] == 1:
            continue
        best[true] = max(best[true], run / length[true])
        done = said if run == length[true] else done
    return best[best > 0]


def _longest_runs(comparison: Comparison) -> tuple[Ints, Ints, Ints]:
    """Predicted track, true track and the most consecutive frames in which the one follows the other, in the
    order of the two."""
    truth, predicted = comparison.truth, comparison.predicted
    nothing = np.zeros(0, np.int64)
    if not comparison.matches.truth.size:
        return nothing, nothing, nothing
    order = np.argsort(truth.track, kind="stable")
    order = order[comparison.partner[order] >= 0]
    track, t = truth.track[order], truth.t[order]
    said = predicted.track[comparison.partner[order]]
    new = np.ones(order.size, np.bool_)
    new[1:] = (np.diff(track) != 0) | (np.diff(said) != 0) | (np.diff(t) != 1)
    at = np.flatnonzero(new)
    runs = np.diff(np.append(at, order.size))
    key = said[at] * truth.parent.size + track[at]
    by_key = np.lexsort((runs, key))
    last = np.flatnonzero(np.diff(key[by_key], append=-1))
    chosen = by_key[last]
    return said[at][chosen], track[at][chosen], runs[chosen].astype(np.int64)


def cell_cycle_accuracy(truth: LineageGraph, predicted: LineageGraph) -> float | None:
    """CCA: one less the largest difference of the two distributions of lengths from birth to division; None
    where the truth has no whole cycle."""
    right, said = _cycles(truth), _cycles(predicted)
    if not right.size:
        return None
    if not said.size:
        return 0.0
    frames = max(int(right.max()), int(said.max())) + 1
    shares = [np.cumsum(np.bincount(x, minlength=frames) / x.size) for x in (right, said)]
    return float(1 - np.abs(shares[0] - shares[1]).max())


def _cycles(graph: LineageGraph) -> Ints:
    """Lengths of the tracks that come from a division and end in one, in frames after the first."""
    born = (graph.parent >= 0) & graph.divides[graph.parent] if graph.parent.size else graph.divides
    return (graph.last - graph.first)[born & graph.divides]


# ---------------------------------------------------------------- families


def right_stretches(comparison: Comparison) -> tuple[Flags, Flags]:
    """(true stretches from birth to division or end, true families): which of them are right in every
    detection and link."""
    truth = comparison.truth
    good_link = comparison.link_of >= 0
    good_link[comparison.changed_links] = False
    stem, _ = merge_only_children(truth)
    a, b = truth.links.T
    inside = stem[truth.track[a]] == stem[truth.track[b]]
    family = _families(truth)
    return (
        _all_right(comparison, stem[truth.track], good_link[inside], a[inside]),
        _all_right(comparison, family[truth.track], good_link, a),
    )


def _families(graph: LineageGraph) -> Ints:
    """(k,) A number for the family of each track, from 0."""
    root = np.where(graph.parent >= 0, graph.parent, np.arange(graph.parent.size))
    while not np.array_equal(above := root[root], root):
        root = above
    return np.unique(root, return_inverse=True)[1].astype(np.int64)


def _all_right(comparison: Comparison, group: Ints, good: Flags, earlier: Ints) -> Flags:
    """Groups of true detections of which each has a partner and each of these links is good."""
    right = np.ones(int(group.max(initial=-1)) + 1, np.bool_)
    right[group[comparison.partner < 0]] = False
    right[group[earlier[~good]]] = False
    return right


# ---------------------------------------------------------------- identities


class Association:
    """How often each true stem was seen as each predicted one; a stem is a cell over its gaps."""

    def __init__(self, comparison: Comparison) -> None:
        truth, predicted, matches = comparison.truth, comparison.predicted, comparison.matches
        stem_a, self.parent_a = merge_only_children(truth)
        stem_b, self.parent_b = merge_only_children(predicted)
        a, b = stem_a[truth.track], stem_b[predicted.track]
        size = (self.parent_a.size, self.parent_b.size)
        keys, self.times = np.unique(
            a[matches.truth] * max(size[1], 1) + b[matches.predicted], return_counts=True
        )
        self.rows, self.columns = np.divmod(keys, max(size[1], 1))
        self.missed = np.bincount(a[comparison.missed], minlength=size[0])
        self.invented = np.bincount(b[comparison.invented], minlength=size[1])
        self.size = size

    @property
    def table(self) -> Ints | csr_array:
        """(true stems, predicted stems), sparse where it is large."""
        return _table(self.rows, self.columns, self.times, self.size)


def identities(seen: Association) -> tuple[int, int]:
    """(detections of either side that keep the right identity under the best pairing of cells, all of
    either side); IDF1 is their ratio."""
    both = 2 * seen.times.sum() + seen.missed.sum() + seen.invented.sum()
    return 2 * _best_pairing(seen), int(both)


def _best_pairing(seen: Association) -> int:
    """The most matches that a one-to-one pairing of true and predicted cells can keep."""
    a, b = seen.size
    if not seen.times.size:
        return 0
    if a * b <= ASSIGNED_AT_ONCE:
        return _assigned(seen.rows, seen.columns, seen.times)
    joined = coo_array((np.ones(seen.rows.size), (seen.rows, seen.columns + a)), shape=(a + b, a + b))
    group = connected_components(joined, directed=False)[1][seen.rows]
    sizes = np.bincount(group)
    alone = sizes[group] == 1
    kept = int(seen.times[alone].sum())
    order = np.argsort(group, kind="stable")
    order = order[~alone[order]]
    if order.size:
        for part in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
            kept += _assigned(seen.rows[part], seen.columns[part], seen.times[part])
    return kept


def _assigned(rows: Ints, columns: Ints, worth: Ints) -> int:
    a, row = np.unique(rows, return_inverse=True)
    b, column = np.unique(columns, return_inverse=True)
    if rows.size == a.size == b.size:
        return int(worth.sum())
    if a.size == 1 or b.size == 1:
        return int(worth.max())
    table = np.zeros((a.size, b.size))
    table[row, column] = worth
    return int(table[linear_sum_assignment(table, maximize=True)].sum())


def association(seen: Association) -> tuple[float, int]:
    """(matched detections, each weighed with how well their whole lines agree, all detections); CHOTA is the
    root of their ratio. The line of a cell is itself, its ancestors and its offspring."""
    everything = int(seen.times.sum() + seen.missed.sum() + seen.invented.sum())
    if not seen.times.size:
        return 0.0, everything
    line_a, line_b = _lines(seen.parent_a), _lines(seen.parent_b)
    table = seen.table
    together: Any = line_a @ table @ line_b.T
    shared = np.asarray(together[seen.rows, seen.columns]).ravel()
    in_a = line_a @ (table.sum(axis=1) + seen.missed)
    in_b = line_b @ (table.sum(axis=0) + seen.invented)
    union = in_a[seen.rows] + in_b[seen.columns] - shared
    return float((seen.times * shared / union).sum()), everything


def _table(rows: Ints, columns: Ints, values: Ints, size: tuple[int, int]) -> Ints | csr_array:
    if size[0] * size[1] > DENSE:
        return csr_array((values, (rows, columns)), shape=size)
    table = np.zeros(size, np.int64)
    table[rows, columns] = values
    return table


def _lines(parent: Ints) -> Ints | csr_array:
    """(k, k) 1 where a stem is the other, or its ancestor, or its descendant."""
    size = parent.size
    born = np.flatnonzero(parent >= 0)
    below, above = [], []
    ancestor = parent[born]
    while born.size:
        below.append(born)
        above.append(ancestor)
        ancestor = parent[ancestor]
        born, ancestor = born[ancestor >= 0], ancestor[ancestor >= 0]
    itself = np.arange(size)
    rows, columns = np.concatenate((itself, *below, *above)), np.concatenate((itself, *above, *below))
    return _table(rows, columns, np.ones(rows.size, np.int64), (size, size))
