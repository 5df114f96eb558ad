"""The nearest places, by a tree."""

import numpy as np
from scipy.spatial import cKDTree

from training.engine.linking.ways import Floats, Ints


def nearest(places: Floats, asked: Floats, count: int, reach: float = np.inf) -> tuple[Floats, Ints]:
    """(distances, rows of `places` (k, 3)) of the `count` nearest of each asked place, both (m, count); where
    fewer lie within `reach`, the distance is infinite. `count` is at least 2."""
    tree = cKDTree(places, balanced_tree=False, compact_nodes=False)
    distance, row = tree.query(asked, k=count, distance_upper_bound=reach)
    return np.asarray(distance, np.float64), np.asarray(row, np.int64)
