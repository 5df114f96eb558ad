"""How sure a link is: its chance among all ways to link its frames, by belief propagation.

Every set of links that is a matching has a likelihood, exp(−energy). The share of those that have a link is
its chance; it is a permanent, which nobody can compute, but messages between the two sides approach it well
and always converge. Williams & Lau, IEEE Trans. Aerosp. Electron. Syst. 50 (2014), 2942.
"""

import numpy as np

from training.engine.linking.ways import Floats, Ways

ROUNDS = 8
LEAST_ENERGY = -30.0


def of_links(ways: Ways, rounds: int = ROUNDS) -> Floats:
    """The chance 0..1 of each link (m,); nodes are small whole numbers."""
    if not len(ways):
        return np.empty(0)
    source, target = ways.source, ways.target
    rows, columns = int(source.max()) + 1, int(target.max()) + 1
    weight = np.exp(-np.clip(ways.energy, LEAST_ENERGY, 30.0))
    said = np.ones(len(ways))
    for _ in range(rounds):
        pull = weight * said
        ahead = weight / (1 + np.bincount(source, pull, rows)[source] - pull)
        said = 1 / np.maximum(1 + np.bincount(target, ahead, columns)[target] - ahead, 1e-30)
    pull = weight * said
    return np.asarray(pull / (1 + np.bincount(source, pull, rows)[source]))
