"""Fusions: a track that ends where a neighbour's outline has grown by just as much."""

import numpy as np
from scipy.spatial import cKDTree

from training.engine.linking import gaps
from training.engine.linking.base import Links, Problem

ALIKE = 0.25
"""Difference of logarithms of areas within which two cells together are one outline."""


def merged(problem: Problem, links: Links) -> dict[int, int]:
    """{row of a track's last detection: row that it became one with}."""
    found, reach = problem.found, problem.weights.reach
    mother = np.full(len(found), -1)
    mother[links.target] = links.source
    ends = gaps.loose_ends(problem, links).ends
    fused: dict[int, int] = {}
    for t in range(found.frames - 1):
        here = ends[np.searchsorted(ends, found.bounds[t]) : np.searchsorted(ends, found.bounds[t + 1])]
        after = np.arange(found.bounds[t + 1], found.bounds[t + 2])
        after = after[mother[after] >= 0]
        if not len(here) or not len(after):
            continue
        near = cKDTree(found.place[after]).query_ball_point(found.place[here], reach)
        for end, places in zip(here.tolist(), near, strict=True):
            into = after[np.array(places, np.int64)]
            grown = np.log(found.area[into] / (found.area[mother[into]] + found.area[end]))
            fits = np.abs(grown) < ALIKE
            if fits.any():
                fused[end] = int(into[fits][np.argmin(np.abs(grown[fits]))])
    return fused
