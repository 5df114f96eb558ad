"""Linear assignment in two steps: links from frame to frame without divisions, then gaps and divisions of
whole pieces of track. Jaqaman et al., Nature Methods 5 (2008), 695; as TrackMate does it, but weighed by
`weighing`."""

import numpy as np

from training.engine.linking import deciding, gaps
from training.engine.linking.base import Links, Problem
from training.engine.linking.ways import Splits


def link(problem: Problem) -> Links:
    """Links with chances."""
    parts = []
    for first, last in problem.chunks():
        ways, _ = problem.weighed(first, last)
        chosen = deciding.decide(ways, Splits.none())
        some = ways.where(chosen.links)
        parts.append(Links.made(some.source, some.target, chosen.link_chance))
    links = Links.joined(parts)
    daughter = np.asarray(links.daughter | problem.rules.is_daughter(links.source))
    links = Links(links.source, links.target, links.chance, daughter, links.given)
    return gaps.close(problem, links, first=1)
