"""The nearest places, by a tree."""

import numpy as np
from scipy.spatial import cKDTree

from training.engine.linking.ways import Floats, Ints


def nearest(places: Floats, asked: Floats, count: int, reach: float = np.inf) -> tuple[Floats, Ints]:
    """(distances, rows of `places` (k, 3)) of the `count` nearest of each asked place, both (m, count); where
    fewer lie within `reach`, the distance is infinite. `count` is at least 2."""
    distance, row = _tree(places).query(asked, k=count, distance_upper_bound=reach)
    return np.asarray(distance, np.float64), np.asarray(row, np.int64)


class Tree:
    """Places (k, 3) that are asked for the nearest more than once."""

    def __init__(self, places: Floats) -> None:
        self.places = places
        self._tree = _tree(places)

    def nearest(self, asked: Floats) -> Ints:
        """(m,) The row of the place nearest to each asked one."""
        return np.asarray(self._tree.query(asked)[1], np.int64)


def _tree(places: Floats) -> cKDTree:
    """Without balance, which costs more than it saves where a tree is asked once or twice."""
    return cKDTree(places, balanced_tree=False, compact_nodes=False)
