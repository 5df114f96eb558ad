"""The nearest cell of the next frame, mutually nearest pairs first; what is left over joins the nearest
mother."""

import numpy as np

from training.engine.linking import gaps
from training.engine.linking.base import Links, Problem
from training.engine.linking.detections import Floats, Ints


def link(problem: Problem) -> Links:
    """Links; the nearer in comparison to what was possible, the surer."""
    parts = []
    for first, last in problem.chunks():
        source, target, square = problem.weights.near(first, last)
        free = problem.rules.may(source, target)
        source, target, square = source[free], target[free], square[free]
        order = np.argsort(square, kind="stable")
        chance = 1 - np.sqrt(square) / problem.weights.reach
        same, second = _greedy(source[order], target[order])
        if not problem.options.divisions:
            second = second[:0]
        parts.append(_links(source, target, chance, order[same], daughter=False))
        parts.append(_links(source, target, chance, order[second], daughter=True))
    links = _with_sisters(Links.joined(parts))
    return gaps.close(problem, links) if problem.options.max_gap_frames else links


def _greedy(source: Ints, target: Ints) -> tuple[Ints, Ints]:
    """Places of pairs, taken in order: first links, and second links to mothers that have one."""
    children: dict[int, int] = {}
    has_mother: set[int] = set()
    same, left = [], []
    for place, (a, b) in enumerate(zip(source.tolist(), target.tolist(), strict=True)):
        if a not in children and b not in has_mother:
            children[a] = 1
            has_mother.add(b)
            same.append(place)
        else:
            left.append((place, a, b))
    second = []
    for place, a, b in left:
        if b not in has_mother and children.get(a) == 1:
            children[a] = 2
            has_mother.add(b)
            second.append(place)
    return np.array(same, np.int64), np.array(second, np.int64)


def _links(source: Ints, target: Ints, chance: Floats, places: Ints, *, daughter: bool) -> Links:
    return Links.made(source[places], target[places], chance[places], daughter=daughter)


def _with_sisters(links: Links) -> Links:
    """A first link whose source has a daughter leads to a daughter too."""
    mothers = links.source[links.daughter]
    daughter = links.daughter | np.isin(links.source, mothers)
    return Links(links.source, links.target, links.chance, daughter, links.given)
