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

BLOCK = 96
"""Rows that are solved together, but for components that are larger."""
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


def match(source: Ints, target: Ints, energy: Floats) -> Mask:
    """Which of the links (m,) are in the matching of least energy; nodes are small whole numbers."""
    chosen = np.zeros(len(source), np.bool_)
    useful = np.flatnonzero(energy < 0)
    if not len(useful):
        return chosen
    source, target, energy = source[useful], target[useful], energy[useful]
    count, component = components(source, target)
    stars = _stars(source, target, component, count)
    won = np.zeros(len(useful), np.bool_)
    won[_least_of_each(component[stars], energy[stars], np.flatnonzero(stars))] = True
    rest = np.flatnonzero(~stars)
    for block in _blocks(component[rest], count):
        part = rest[block]
        won[part[_solve(source[part], target[part], energy[part])]] = True
    chosen[useful[won]] = True
    return chosen


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
    data = np.concatenate([energy + shift, np.full(count, shift)])
    at = (
        np.concatenate([row, np.arange(count)]),
        np.concatenate([column, len(columns) + np.arange(count)]),
    )
    graph = csr_array((data, at), shape=(count, len(columns) + count))
    said_rows, said_columns = min_weight_full_bipartite_matching(graph)
    partner = np.empty(count, np.int64)
    partner[said_rows] = said_columns
    return np.asarray(partner[row] == column)
