"""Movies spoiled on purpose: frames dropped, cells missing, false ones, neighbours that are one outline. A
net that learns from accepted lineages alone has never seen what a segmenter does wrong."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from training.engine.learned_links.scenes import Seen, Truth, some_of
from training.engine.linking.detections import Detections, Ints
from training.engine.seeds import Chance

LEAST_FRAMES = 6
MOST_DROPPED = 3
"""Of so many frames at most one is kept."""
CLOSE_RADII = 2.8


@dataclass(frozen=True)
class Faults:
    """Shares of cells that are missing, false and merged, and which frames are kept: every `stride`-th."""

    missing: float = 0.0
    false: float = 0.0
    merged: float = 0.0
    stride: int = 1


def draw(chance: Chance, frames: int, most: float) -> Faults:
    """Faults of up to `most` of each kind; frames are dropped half of the time, where enough remain."""
    missing, false, merged = (chance.rng.uniform(0, most, 3) * (chance.rng.random(3) < 0.75)).tolist()
    stride = int(chance.rng.choice([1, 1, 2, MOST_DROPPED]))
    while stride > 1 and frames // stride < LEAST_FRAMES:
        stride -= 1
    return Faults(missing, false, merged, stride)


def spoil(seen: Seen, truth: Truth, faults: Faults, chance: Chance) -> tuple[Seen, Truth]:
    """The movie with these faults."""
    seen, truth = _with_frames(seen, truth, faults.stride)
    if faults.merged:
        seen, truth = _merged(seen, truth, faults.merged, chance)
    kept = np.flatnonzero(chance.rng.random(len(seen.found)) >= faults.missing)
    copied = np.flatnonzero(chance.rng.random(len(seen.found)) < faults.false)
    return _with_false(seen, truth, kept, copied, chance)


def _with_frames(seen: Seen, truth: Truth, stride: int) -> tuple[Seen, Truth]:
    found = seen.found
    if stride == 1:
        return seen, truth
    kept = np.flatnonzero(found.t % stride == 0)
    frames = -(-found.frames // stride)
    fewer = some_of(found, kept, t=found.t[kept] // stride, frames=frames)
    return Seen(fewer, seen.pictures, seen.picture[kept]), replace(truth, who=truth.who[kept])


def _merged(seen: Seen, truth: Truth, share: float, chance: Chance) -> tuple[Seen, Truth]:
    """Close pairs become the larger of the two, with the middle, area and light of both."""
    found, gone = seen.found, np.zeros(len(seen.found), np.bool_)
    area, light, place = found.area.copy(), found.light.copy(), found.place.copy()
    for t in range(found.frames):
        rows = np.arange(found.bounds[t], found.bounds[t + 1])
        for small, large in _pairs(found, rows, share, chance):
            if gone[small] or gone[large] or area[large] != found.area[large]:
                continue
            gone[small] = True
            both = np.array([found.area[large], found.area[small]])
            area[large] = both.sum()
            place[large] = np.average(found.place[[large, small]], axis=0, weights=both)
            light[large] = np.average(found.light[[large, small]], weights=both)
    kept = np.flatnonzero(~gone)
    whole = replace(found, area=area, light=light, place=place)
    return Seen(some_of(whole, kept), seen.pictures, seen.picture[kept]), replace(truth, who=truth.who[kept])


def _pairs(found: Detections, rows: Ints, share: float, chance: Chance) -> list[tuple[int, int]]:
    if len(rows) < 3:
        return []
    radius = float(np.sqrt(np.median(found.area[rows]) / np.pi))
    if found.axes == 3:
        radius = float(np.cbrt(np.median(found.area[rows]) / 4.19))
    close = np.array(sorted(cKDTree(found.place[rows]).query_pairs(CLOSE_RADII * radius)))
    if not len(close):
        return []
    close = rows[close[chance.rng.random(len(close)) < share]]
    first_is_small = found.area[close[:, 0]] < found.area[close[:, 1]]
    small = np.where(first_is_small, close[:, 0], close[:, 1])
    large = np.where(first_is_small, close[:, 1], close[:, 0])
    return list(zip(small.tolist(), large.tolist(), strict=True))


def _with_false(seen: Seen, truth: Truth, kept: Ints, copied: Ints, chance: Chance) -> tuple[Seen, Truth]:
    """The kept rows, and copies of others at places where nobody is."""
    found = seen.found
    order = np.argsort(np.concatenate([found.t[kept], found.t[copied]]), kind="stable")
    rows = np.concatenate([kept, copied])[order]
    false = order >= len(kept)
    mixed = some_of(found, rows)
    place, border = mixed.place.copy(), mixed.border.copy()
    size = np.array(found.size)
    place[false] = chance.rng.uniform(0, 1, (int(false.sum()), 3)) * np.maximum(size - 1, 0)
    border[false] = np.minimum(place[false, 1:], size[1:] - 1 - place[false, 1:]).min(1, initial=np.inf)
    mixed = replace(mixed, place=place, border=border)
    who = np.where(false, 0, truth.who[rows])
    return Seen(mixed, seen.pictures, seen.picture[rows]), replace(truth, who=who)
