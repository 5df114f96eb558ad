"""Places alone: what can be linked without looking at any cell, as the measure of how much looks add.

The exact assignment of every two frames by squared distance, in which each mother stands twice, the second
time dearer: the best set of links and divisions that distances alone can say."""

import numpy as np

from training.contract.linking import Lineage
from training.engine.linking import forest, matching
from training.engine.linking.base import Links
from training.engine.linking.detections import Detections
from training.engine.linking.neighbours import nearest

REACH_PX, SECOND = 22.0, 0.5
"""The largest step; and what a second daughter costs more, of its square. Chosen on seeds that train."""
NEAREST = 4


def link(found: Detections, reach: float = REACH_PX, second: float = SECOND) -> Lineage:
    """Tracks by distances alone, without gaps."""
    parts = [_frame(found, t, reach, second) for t in range(found.frames - 1)]
    return forest.grow(found, Links.joined(parts)).lineage("places", {}, {})


def _frame(found: Detections, t: int, reach: float, second: float) -> Links:
    before, after = found.place[found.rows(t)], found.place[found.rows(t + 1)]
    if not len(before) or not len(after):
        return Links.joined([])
    far, near = nearest(before, after, NEAREST, reach)
    target, rank = np.nonzero(np.isfinite(far))
    source, energy = near[target, rank], far[target, rank] ** 2 - reach**2
    both = np.concatenate([source, source + len(before)])
    dear = np.concatenate([energy, energy + second * reach**2])
    targets = np.concatenate([target, target])
    won = matching.match(both.astype(np.int64), targets.astype(np.int64), dear)
    mothers = both[won] % len(before)
    daughter = np.bincount(mothers, minlength=len(before))[mothers] > 1
    rows, later = mothers + found.bounds[t], targets[won] + found.bounds[t + 1]
    links = Links.made(rows, later, np.ones(len(rows)))
    return Links(links.source, links.target, links.chance, daughter, links.given)
