"""The scales of a movie, measured in it: how far cells lie apart, how far they move, how much they change."""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.ndimage import median_filter

from training.engine.linking.detections import Detections, Floats, Ints
from training.engine.linking.neighbours import Tree, nearest

MEDIAN_SQUARE = {2: 1.386, 3: 2.366}
"""The median of the squared length of a normal vector whose axes have a variance of 1."""
CALM_FRAMES = 31
LEAST_SHAPE = 0.02
"""Areas whose logarithm spreads less are of discs around points; those of cells do by a tenth and more."""
LEAST_SPREAD = 0.1
"""Cells that are all alike differ by measuring alone: spreads below a tenth are not believed."""
MOST_LOOKED_AT, LEAST_STEPS, LEAST_CHANGE = 200, 8, 0.15


@dataclass(frozen=True, eq=False)
class Looks:
    """What cells look like, (n, 3): logarithm of the area, brightness, slenderness; each less the usual value
    around its frame, by its usual spread. 0 where nothing is known. `lit`: whether light is known; `shaped`:
    whether areas are, which points drawn as discs all have alike."""

    values: Floats
    lit: bool
    shaped: bool = True


@dataclass(frozen=True)
class Rates:
    """Chances of a cell per frame."""

    vanish: float = 0.03
    appear: float = 0.03
    divide: float = 0.01
    miss: float = 0.03


@dataclass(frozen=True, eq=False)
class Scales:
    """`spacing`: usual distance to the nearest neighbour; `radius` of a cell; `step`: standard deviation of a
    step along an axis; all in px. `drift` (frames − 1, 3): what all cells have in common. `change` (3, 2):
    spread of looks' change of one cell, and between two cells. `even`: how far off the nearest tenth of
    neighbours are, by `spacing`: 0.75 where cells leave each other room, 0.4 where they lie at random.
    """

    spacing: float
    radius: float
    step: float
    drift: Floats
    rates: Rates = field(default_factory=Rates)
    change: Floats = field(default_factory=lambda: np.ones((3, 2)))
    even: float = 1.0

    def with_rates(self, **rates: float) -> "Scales":
        """The same with other rates."""
        return replace(self, rates=replace(self.rates, **rates))


def looks_of(found: Detections) -> Looks:
    """Looks relative to all cells of the frames around: a movie that bleaches, or cells that all grow, are no
    change of a single cell. What all do within a few frames, as dividing at once, stays visible."""
    columns = [
        _relative(found, np.log(np.maximum(found.area, 1.0)), LEAST_SPREAD),
        _relative(found, found.light, LEAST_SPREAD * _usual(found.light)),
        _relative(found, found.slender, LEAST_SPREAD / 2),
    ]
    return Looks(np.stack(columns, 1), bool(np.isfinite(found.light).any()), _is_shaped(found))


def _is_shaped(found: Detections) -> bool:
    """Whether areas differ at all: of discs around points most have the very same, but for those that
    neighbours cut."""
    area = np.log(np.maximum(found.area, 1.0))
    return bool(len(area)) and 1.4826 * float(np.median(np.abs(area - np.median(area)))) >= LEAST_SHAPE


def _usual(values: Floats) -> float:
    return float(np.median(np.abs(values))) if len(values) else 0.0


def _relative(found: Detections, values: Floats, least: float) -> Floats:
    """Values less the running median of their frames' medians, by their robust spread or at least `least`."""
    if not len(values) or not np.isfinite(values).all():
        return np.zeros(len(values))
    middles = np.full(found.frames, np.nan)
    for t in range(found.frames):
        here = values[found.rows(t)]
        if len(here):
            middles[t] = np.median(here)
    known = np.isfinite(middles)
    middles = np.interp(np.arange(found.frames), np.flatnonzero(known), middles[known])
    calm = median_filter(middles, min(CALM_FRAMES, 2 * (found.frames // 2) + 1), mode="nearest")
    off = values - calm[found.t]
    spread = 1.4826 * float(np.median(np.abs(off - np.median(off))))
    return np.asarray(np.clip(off / max(spread, least, 1e-9), -6, 6))


def measure(found: Detections, sampled: Ints) -> Scales:
    """First scales, by the nearest neighbours of the sampled frames; drift by those of all frames."""
    spacing, even = _spacing(found, sampled)
    radius = float(np.median(_radius(found))) if len(found) else 1.0
    drift = np.zeros((max(found.frames - 1, 0), 3))
    squares = []
    before = Tree(found.place[: found.bounds[min(1, found.frames)]])
    for t in range(found.frames - 1):
        after = Tree(found.place[found.rows(t + 1)])
        drift[t], steps = _common_step(before, after)
        squares.append((steps**2).sum(1))
        before = after
    every = np.concatenate(squares) if squares else np.empty(0)
    step = float(np.sqrt(np.median(every) / MEDIAN_SQUARE[found.axes])) if len(every) else spacing / 4
    return Scales(spacing, radius, max(step, 0.02 * spacing, 0.1), drift, even=even)


def _radius(found: Detections) -> Floats:
    """Of circles or balls of the cells' areas; px."""
    if found.axes == 2:
        return np.asarray(np.sqrt(found.area / np.pi))
    return np.asarray(np.cbrt(found.area * 0.75 / np.pi))


def _spacing(found: Detections, sampled: Ints) -> tuple[float, float]:
    """(usual distance to the nearest neighbour, that of the nearest tenth by it)."""
    near = []
    for t in sampled.tolist():
        places = found.place[found.rows(t)]
        if len(places) > 1:
            near.append(nearest(places, places, 2)[0][:, 1])
    if near:
        tenth, half = np.quantile(np.concatenate(near), (0.1, 0.5)).tolist()
        return max(half, 1.0), tenth / max(half, 1.0)
    return max(float(found.room ** (1 / found.axes)) / 2, 1.0), 1.0


def _common_step(earlier: Tree, later: Tree) -> tuple[Floats, Floats]:
    """(what all cells moved, the rest of each mutually nearest pair's step (k, 3))."""
    shift = np.zeros(3)
    rest = np.empty((0, 3))
    before, after = earlier.places, later.places
    if not len(before) or not len(after):
        return shift, rest
    some = np.arange(0, len(before), max(1, len(before) // MOST_LOOKED_AT))
    for _ in range(2):
        ahead = later.nearest(before[some] + shift)
        back = earlier.nearest(after[ahead] - shift)
        steps = (after[ahead] - before[some])[back == some]
        if len(steps) >= LEAST_STEPS:
            shift = np.median(steps, 0)
        rest = steps - shift
    return shift, rest


def spread_of_changes(same: Floats, other: Floats) -> Floats:
    """(3, 2): robust spread of changes of looks (k, 3) of one cell, and between two cells."""
    both = [np.median(np.abs(each), 0) * 1.4826 if len(each) else np.ones(3) for each in (same, other)]
    return np.maximum(np.stack(both, 1), LEAST_CHANGE)
