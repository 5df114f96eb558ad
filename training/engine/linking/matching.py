"""The cheapest matching of a sparse bipartite graph in which everyone may stay alone, exactly and in linear
time for graphs of small components.

Only links of negative energy can be in it. Components of one link, and stars, are decided at once; the rest
goes in blocks of whole components to a sparse shortest-augmenting-path solver, whose time grows with the
square of a block. Crouse, IEEE Trans. Aerosp. Electron. Syst. 52 (2016), 1679.
"""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

from training.engine.linking.ways import Floats, Ints

BLOCK = 200
"""Rows that are solved together, but for components that are larger."""
MOST_ROUNDS, LEAST_SETTLED = 12, 0.02
Mask = npt.NDArray[np.bool_]


def components(source: Ints, target: Ints) -> tuple[int, npt.NDArray[np.int32]]:
    """(how many, the component of every link) of a bipartite graph of links (m,)."""
    if not len(source):
        return 0, np.empty(0, np.int32)
    rows, columns = int(source.max()) + 1, int(target.max()) + 1
    graph = coo_array(
        (np.ones(len(source), np.int8), (source, target + rows)), shape=(rows + columns, rows + columns)
    )
    _, of_node = connected_components(graph, directed=False)
    found, of_link = np.unique(of_node[source], return_inverse=True)
    return len(found), of_link.astype(np.int32)


def certain(
    source: Ints, target: Ints, energy: Floats, rivals: tuple[Floats, Floats] | None = None
) -> tuple[Mask, Mask]:
    """(links that are in a best matching for sure, links that are still open).

    A link that is worth at least as much as the best other link of its source and the best other of its
    target together can replace them in any matching. Applied again while that settles much. `rivals`: by
    source and by target, what something else than a link, a division, is worth at most that takes it.
    """
    won, left = np.zeros(len(source), np.bool_), energy < 0
    rows, columns = int(source.max(initial=-1)) + 1, int(target.max(initial=-1)) + 1
    for _ in range(MOST_ROUNDS):
        at = np.flatnonzero(left)
        if not len(at):
            break
        a, b, worth = source[at], target[at], -energy[at]
        ahead, back = best_other(a, worth, rows), best_other(b, worth, columns)
        if rivals is not None:
            ahead, back = np.maximum(ahead, rivals[0][a]), np.maximum(back, rivals[1][b])
        sure = at[worth >= ahead + back]
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
    stars = _stars(source, target, component, count)
    won[_least_of_each(component[stars], energy[stars], np.flatnonzero(stars))] = True
    rest = np.flatnonzero(~stars)
    for block in _blocks(component[rest], count):
        part = rest[block]
        won[part[_solve(source[part], target[part], energy[part])]] = True
    return won


def _stars(source: Ints, target: Ints, component: npt.NDArray[np.int32], count: int) -> Mask:
    """Links of components with a single earlier or a single later node: only one link can be in."""
    low = np.full((2, count), np.iinfo(np.int64).max)
    high = np.full((2, count), -1)
    for side, nodes in enumerate((source, target)):
        np.minimum.at(low[side], component, nodes)
        np.maximum.at(high[side], component, nodes)
    return np.asarray((low == high).any(0)[component])


def _least_of_each(group: npt.NDArray[np.int32], energy: Floats, places: Ints) -> Ints:
    """The place of the least energy of each group."""
    order = np.lexsort((energy, group))
    first = np.ones(len(order), np.bool_)
    first[1:] = group[order][1:] != group[order][:-1]
    return np.asarray(places[order[first]])


def _blocks(component: npt.NDArray[np.int32], count: int) -> list[Ints]:
    """Places of links, whole components together, about `BLOCK` links' rows each."""
    if not len(component):
        return []
    order = np.argsort(component, kind="stable")
    sizes = np.bincount(component, minlength=count)
    ends = np.cumsum(sizes[sizes > 0])
    number = (ends - 1) // (2 * BLOCK)
    cuts = ends[:-1][number[1:] != number[:-1]]
    return list(np.split(order, cuts))


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
