"""The likeliest links of every two frames, divisions included, then gaps; the usual linker.

When every detection is kept and links span one frame, nothing couples what goes into a cell with what comes
out of it, so the best lineage of the whole movie is the best of each two frames (decision 0017).
"""

import numpy as np

from training.engine.linking import deciding, gaps, sharing
from training.engine.linking.base import Links, Problem


def link(problem: Problem) -> Links:
    """Links with chances."""
    return with_gaps(problem, frame_to_frame(problem))


def with_gaps(problem: Problem, links: Links) -> Links:
    """The links, and those over gaps where any may be."""
    return gaps.close(problem, links) if problem.options.max_gap_frames else links


def frame_to_frame(problem: Problem) -> Links:
    """Links and divisions from each frame to the next."""
    links = Links.joined(sharing.each_chunk(problem, _of_chunk))
    second = problem.rules.is_daughter(links.source)
    return Links(links.source, links.target, links.chance, np.asarray(links.daughter | second), links.given)


def _of_chunk(problem: Problem, first: int, last: int) -> Links:
    """Links and divisions from the frames first…last − 1 to the next."""
    ways, splits = problem.weighed(first, last)
    chosen = deciding.decide(ways, splits)
    some = ways.where(chosen.links)
    parts = [Links.made(some.source, some.target, chosen.link_chance)]
    divided = splits.where(chosen.splits)
    for daughter in (divided.one, divided.other):
        parts.append(Links.made(divided.mother, daughter, chosen.split_chance, daughter=True))
    return Links.joined(parts)
