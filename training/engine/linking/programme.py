"""Links and divisions by an integer programme, for what a matching alone cannot say.

The linear relaxation is solved first; it is nearly always whole, and where it is not, branching decides.
Solver: HiGHS (Huangfu & Hall, Math. Prog. Comp. 10, 2018), as SciPy brings it.
"""

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from training.engine.linking.ways import Floats, Ints, Splits, Ways

Mask = npt.NDArray[np.bool_]
WHOLE = 1e-6


def decide(ways: Ways, splits: Splits) -> tuple[Mask, Mask]:
    """(which links, which divisions) have the least energy together; each detection at most once on each
    side."""
    m, k = len(ways), len(splits)
    early = np.concatenate([ways.source, splits.mother])
    late = np.concatenate([ways.target, splits.one, splits.other])
    variable = np.concatenate([np.arange(m), m + np.arange(k), m + np.arange(k)])
    _, row = np.unique(early, return_inverse=True)
    _, column = np.unique(late, return_inverse=True)
    rows = np.concatenate([row, row.max(initial=-1) + 1 + column])
    columns = np.concatenate([np.arange(m + k), variable])
    cost = np.concatenate([ways.energy, splits.energy])
    chosen = solve(cost, rows.astype(np.int64), columns, np.ones(len(rows)), np.ones(int(rows.max()) + 1))
    return chosen[:m], chosen[m:]


def solve(cost: Floats, rows: Ints, columns: Ints, values: Floats, most: Floats) -> Mask:
    """Zero or one for each variable, least cost, under A x ≤ `most`; A by its entries."""
    inside = LinearConstraint(
        csr_array((values, (rows, columns)), shape=(len(most), len(cost))), -np.inf, most
    )
    bounds = Bounds(0, 1)
    found = milp(cost, constraints=inside, bounds=bounds).x
    if found is None or np.abs(found - np.round(found)).max(initial=0) > WHOLE:
        found = milp(cost, constraints=inside, bounds=bounds, integrality=np.ones(len(cost), np.int64)).x
    if found is None:
        return np.zeros(len(cost), np.bool_)
    return np.asarray(found > 0.5)
