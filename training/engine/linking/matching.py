"""The cheapest matching of a sparse bipartite graph in which everyone may stay alone, exactly and in linear
time for graphs of small components.

Only links of negative energy can be in it. Links that outweigh both rivals are settled at once; the rest
goes, all small components side by side, through shortest augmenting paths (`augmenting`), large components
one by one to a sparse solver, whose time grows with the square. Crouse, IEEE Trans. Aerosp. Electron. Syst.
52 (2016), 1679.
"""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

from training.engine.linking import augmenting
from training.engine.linking.ways import Floats, Ints

MOST_WAITING = 40
"""Components in which more earlier nodes than that are not settled go to the solver."""
MOST_ROUNDS, LEAST_SETTLED = 12, 0.02
Mask = npt.NDArray[np.bool_]


def components(source: Ints, target: Ints) -> tuple[int, npt.NDArray[np.int32]]:
    """(how many, the component of every link) of a bipartite graph of links (m,), numbered from 0."""
    if not len(source):
        return 0, np.empty(0, np.int32)
    rows, columns = int(source.max()) + 1, int(target.max()) + 1
    graph = coo_array(
        (np.ones(len(source), np.int8), (source, target + rows)), shape=(rows + columns, rows + columns)
    )
    count, of_node = connected_components(graph, directed=False)
    of_link = of_node[source]
    there = np.zeros(count, np.bool_)
    there[of_link] = True
    number = np.cumsum(there, dtype=np.int32) - 1
    return int(number[-1]) + 1, np.asarray(number[of_link], np.int32)


def certain(source: Ints, target: Ints, energy: Floats) -> tuple[Mask, Mask]:
    """(links that are in a best matching for sure, links that are still open).

    A link that is worth at least as much as the best other link of its source and the best other of its
    target together can replace them in any matching. Applied again while that settles much.
    """
    won, left = np.zeros(len(source), np.bool_), energy < 0
    rows, columns = int(source.max(initial=-1)) + 1, int(target.max(initial=-1)) + 1
    for _ in range(MOST_ROUNDS):
        at = np.flatnonzero(left)
        if not len(at):
            break
        a, b, worth = source[at], target[at], -energy[at]
        sure = at[worth >= best_other(a, worth, rows) + best_other(b, worth, columns)]
        sure = sure[_no_ties(source[sure], target[sure], rows, columns)]
        won[sure] = True
        used_rows, used_columns = np.zeros(rows, np.bool_), np.zeros(columns, np.bool_)
        used_rows[source[sure]] = True
        used_columns[target[sure]] = True
        left[at] = ~(used_rows[a] | used_columns[b])
        if len(sure) < LEAST_SETTLED * len(at):
            break
    return won, left


def best_other(node: Ints, worth: Floats, count: int) -> Floats:
    """(m,) The worth of the best other link of the same node, 0 where there is none."""
    best, second = np.zeros(count), np.zeros(count)
    np.maximum.at(best, node, worth)
    is_best = worth == best[node]
    np.maximum.at(second, node[~is_best], worth[~is_best])
    shared = np.bincount(node[is_best], minlength=count) > 1
    second[shared] = best[shared]
    return np.asarray(np.where(is_best, second[node], best[node]))


def _no_ties(source: Ints, target: Ints, rows: int, columns: int) -> Mask:
    """Of links that all could be in, a part without a common node: only equals can share one."""
    last_row, last_column = np.full(rows, -1), np.full(columns, -1)
    places = np.arange(len(source))
    last_row[source] = places
    last_column[target] = places
    return np.asarray((last_row[source] == places) & (last_column[target] == places))


def match(source: Ints, target: Ints, energy: Floats) -> Mask:
    """Which of the links (m,) are in the matching of least energy; nodes are small whole numbers."""
    chosen, left = certain(source, target, energy)
    useful = np.flatnonzero(left)
    chosen[useful[match_rest(source[useful], target[useful], energy[useful])]] = True
    return chosen


def match_rest(source: Ints, target: Ints, energy: Floats) -> Mask:
    """`match` of links of which none is `certain` any more, all of negative energy."""
    won = np.zeros(len(source), np.bool_)
    if not len(source):
        return won
    count, component = components(source, target)
    begun = augmenting.best_first(source, target, -energy)
    large = np.bincount(_part_of_waiting(source, component, begun), minlength=count) > MOST_WAITING
    small = np.flatnonzero(~large[component])
    won[small] = augmenting.match(
        source[small], target[small], -energy[small], component[small], begun[small]
    )
    for part in np.flatnonzero(large).tolist():
        here = np.flatnonzero(component == part)
        won[here[_solve(source[here], target[here], energy[here])]] = True
    return won


def _part_of_waiting(source: Ints, component: npt.NDArray[np.int32], begun: Mask) -> npt.NDArray[np.int32]:
    """The component of each earlier node that has no link yet."""
    part = np.full(int(source.max()) + 1, -1, np.int32)
    part[source] = component
    part[source[begun]] = -1
    return part[part >= 0]


def _solve(source: Ints, target: Ints, energy: Floats) -> Mask:
    """The matching by a full assignment: each earlier node has a column of its own for staying alone.

    All energies are moved by one constant, because explicit zeros count as missing, and each row has one.
    """
    rows, row = np.unique(source, return_inverse=True)
    columns, column = np.unique(target, return_inverse=True)
    shift = 1.0 - float(energy.min())
    count = len(rows)
    order = np.lexsort((column, row))
    ends = np.cumsum(np.bincount(row, minlength=count))
    data = np.insert(energy[order] + shift, ends, shift)
    indices = np.insert(column[order], ends, len(columns) + np.arange(count))
    starts = np.concatenate([[0], ends + np.arange(1, count + 1)])
    graph = csr_array((data, indices, starts), shape=(count, len(columns) + count))
    said_rows, said_columns = min_weight_full_bipartite_matching(graph)
    partner = np.empty(count, np.int64)
    partner[said_rows] = said_columns
    return np.asarray(partner[row] == column)
