"""Which clicks of two people mean the same centre."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from annotation.core.crowd.values import Floats, Ints

RADIUS_PX = 8.0


def paired_points(one: Floats, other: Floats, radius_px: float = RADIUS_PX) -> tuple[Ints, Ints]:
    """Rows of `one` (n, 2) and of `other` (m, 2), y and x in px, that belong together: none farther apart
    than `radius_px`, as many pairs as can be, and of these the nearest."""
    distance = np.linalg.norm(one[:, None] - other[None, :], axis=2)
    worth = np.where(distance <= radius_px, 2 - distance / radius_px, 0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    near = worth[rows, columns] > 0
    return rows[near], columns[near]
