"""A simulated crowd: how honest, sloppy, biased, lazy and spamming workers answer a crop.

Errors are those that people make, not noise on pixels: outlines that run a little inside or outside the edge
and swing slowly along it, cells drawn beside their place, two that touch drawn as one, one cut in two along
its waist, faint ones overlooked, dirt outlined. How often, depends on how hard the cell is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotation.core.crowd.values import ChoiceAnswer, Floats, MaskAnswer, PointAnswer
from tests.crowd.crops import SMALLEST_PX, Crop, TrueCell, runs_of_mask

Bools = NDArray[np.bool_]
Random = np.random.Generator

FIELDS, FIELD_PX = 48, 160


def _fields() -> Floats:
    """Smooth surfaces of standard deviation 1, by which outlines swing."""
    noise = np.random.default_rng(7).standard_normal((FIELDS, FIELD_PX, FIELD_PX))
    smooth = ndimage.gaussian_filter(noise, (0, 5, 5), mode="wrap")
    return np.asarray(smooth / smooth.std(axis=(1, 2), keepdims=True))


SWINGS = _fields()


@dataclass(frozen=True)
class Habits:
    """How a worker outlines; lengths in px, the rest chances.

    `reach`: how far outside the edge (negative: inside); `swing`: how far the outline strays along it;
    `shift`: how far a whole cell is off; `misses` at a clear cell, more at a faint one; `merges` two that
    touch at their longest border; `splits` a cell; `invents` cells a crop.
    """

    reach: float = 0.0
    swing: float = 0.9
    shift: float = 0.4
    misses: float = 0.02
    merges: float = 0.1
    splits: float = 0.02
    invents: float = 0.03


HONEST = Habits()
SLOPPY = Habits(swing=1.7, shift=1.1, misses=0.08, merges=0.25, splits=0.05, invents=0.1)
LARGE = Habits(reach=2.6, swing=0.9, merges=0.3)
SMALL = Habits(reach=-2.6, swing=0.9)
MERGING = Habits(merges=1.0)
Outline = Callable[[Crop, Random], list[Bools]]


@dataclass(frozen=True)
class Worker:
    """One of the crowd; `kind` says why, `bad` whether it is one of the bad workers."""

    name: str
    kind: str
    bad: bool
    habits: Habits = HONEST

    def outline(self, crop: Crop, random: Random) -> MaskAnswer:
        """The cells of a crop, outlined."""
        masks = (
            OUTLINES[self.kind](crop, random) if self.kind in OUTLINES else drawn(self.habits, crop, random)
        )
        return MaskAnswer(self.name, tuple(runs_of_mask(mask) for mask in masks if mask.any()))

    def click(self, crop: Crop, random: Random) -> PointAnswer:
        """The centres of a crop: of what this worker would outline, not quite in the middle."""
        answer = self.outline(crop, random)
        places = [_middle(runs) + random.normal(0, 0.5 + self.habits.swing / 2, 2) for runs in answer.masks]
        return PointAnswer(self.name, np.asarray(places, np.float64).reshape(-1, 2))

    def choose(self, true: str, classes: Sequence[str], hard: float, random: Random) -> ChoiceAnswer:
        """The class of a cell: the harder, the more often the class beside it or none."""
        if self.kind == "constant":
            return ChoiceAnswer(self.name, classes[0])
        if self.kind in ("random", "empty"):
            return ChoiceAnswer(self.name, str(random.choice(classes)))
        wrong = {"honest": 0.03, "sloppy": 0.15}.get(self.kind, 0.35) + 0.25 * hard
        if random.random() > wrong:
            return ChoiceAnswer(self.name, true)
        if random.random() < 0.2:
            return ChoiceAnswer(self.name, "unsure")
        beside = classes[(classes.index(true) + 1) % len(classes)]
        return ChoiceAnswer(self.name, beside)


def _middle(runs: NDArray[np.int64]) -> Floats:
    n = runs[:, 2] - runs[:, 1]
    x = (runs[:, 1] + runs[:, 2] - 1) / 2
    return np.asarray([(runs[:, 0] * n).sum(), (x * n).sum()], np.float64) / float(n.sum()) + 0.5


# ---------------------------------------------------------------- who tries


def drawn(habits: Habits, crop: Crop, random: Random) -> list[Bools]:
    """What somebody outlines who looks at the picture."""
    found: list[Bools] = []
    parts = _together(habits, crop, random)
    for part in parts:
        cells = [crop.cells[i] for i in part]
        if random.random() < habits.misses + 0.6 * min(cell.faint for cell in cells) ** 2:
            continue
        mask = _strayed(habits, cells, random)
        halves = _halves(mask) if len(part) == 1 and random.random() < habits.splits else [mask]
        found += [half for half in halves if half.sum() >= SMALLEST_PX // 3]
    for _ in range(int(random.poisson(habits.invents))):
        found.append(_blob(crop, random))
    return found


def _together(habits: Habits, crop: Crop, random: Random) -> list[list[int]]:
    """Cells that are drawn as one: pairs that touch, the likelier the longer their border."""
    part_of = list(range(len(crop.cells)))
    for i, cell in enumerate(crop.cells):
        for j, share in cell.touches.items():
            alone = part_of.count(part_of[i]) == part_of.count(part_of[j]) == 1
            if i < j and alone and random.random() < min(1.0, habits.merges * (0.3 + 2.5 * share)):
                part_of[j] = part_of[i]
    return [[i for i, p in enumerate(part_of) if p == part] for part in sorted(set(part_of))]


def _strayed(habits: Habits, cells: Sequence[TrueCell], random: Random) -> Bools:
    """The cells as one outline that strays, further where they are faint."""
    distance = np.maximum.reduce([cell.distance for cell in cells])
    if len(cells) > 1:
        distance = np.maximum(distance, ndimage.grey_closing(distance, (5, 5)))
    faint = max(cell.faint for cell in cells)
    y, x = random.integers(0, FIELD_PX - distance.shape[0]), random.integers(0, FIELD_PX - distance.shape[1])
    swing = SWINGS[random.integers(FIELDS), y : y + distance.shape[0], x : x + distance.shape[1]]
    moved = distance + habits.reach + habits.swing * (0.7 + faint) * swing
    dy, dx = np.round(random.normal(0, habits.shift, 2)).astype(int)
    return _shifted(moved > 0, int(dy), int(dx))


def _shifted(mask: Bools, dy: int, dx: int) -> Bools:
    moved = np.zeros_like(mask)
    high, wide = mask.shape
    to = np.s_[max(dy, 0) : high + min(dy, 0), max(dx, 0) : wide + min(dx, 0)]
    moved[to] = mask[max(-dy, 0) : high + min(-dy, 0), max(-dx, 0) : wide + min(-dx, 0)]
    return moved


def _halves(mask: Bools) -> list[Bools]:
    """A cell cut across its length."""
    rows, columns = np.nonzero(mask)
    if rows.size < SMALLEST_PX:
        return [mask]
    places = np.stack((rows - rows.mean(), columns - columns.mean()))
    along = np.linalg.eigh(places @ places.T)[1][:, 1] @ places
    first = np.zeros_like(mask)
    first[rows[along > 0], columns[along > 0]] = True
    return [first, mask & ~first]


def _blob(crop: Crop, random: Random) -> Bools:
    rows, columns = np.ogrid[: crop.shape[0], : crop.shape[1]]
    y, x = random.uniform(0, crop.shape[0]), random.uniform(0, crop.shape[1])
    high, wide = random.uniform(4, 12, 2)
    return np.asarray(((rows - y) / high) ** 2 + ((columns - x) / wide) ** 2 < 1)


# ---------------------------------------------------------------- who does not


def _random(crop: Crop, random: Random) -> list[Bools]:
    return [_blob(crop, random) for _ in range(int(random.integers(1, 5)))]


def _constant(crop: Crop, random: Random) -> list[Bools]:
    mask = np.zeros(crop.shape, bool)
    high, wide = crop.shape
    mask[high // 3 : 2 * high // 3, wide // 3 : 2 * wide // 3] = True
    return [mask]


def _lazy(crop: Crop, random: Random) -> list[Bools]:
    return list(crop.proposal)


def _empty(crop: Crop, random: Random) -> list[Bools]:
    return []


OUTLINES: dict[str, Outline] = {"random": _random, "empty": _empty, "constant": _constant, "lazy": _lazy}
SPAMMERS = ("random", "empty", "constant")
BAD = ("sloppy", "random", "large", "lazy", "constant", "merging", "empty", "small", "sloppy")
HABITS = {"honest": HONEST, "sloppy": SLOPPY, "large": LARGE, "small": SMALL, "merging": MERGING}


def crowd(*, seed: int, workers: int = 30, bad: float = 0.3, kinds: Sequence[str] = BAD) -> list[Worker]:
    """So many workers, that part of them bad, of these kinds in turn; no two are quite alike."""
    random = np.random.default_rng(seed)
    wrong = round(bad * workers)
    found = []
    for i in range(workers):
        kind = kinds[i % len(kinds)] if i < wrong else "honest"
        own = HABITS.get(kind, HONEST)
        own = replace(
            own,
            reach=own.reach + random.normal(0, 0.4),
            swing=own.swing * random.lognormal(0, 0.2),
            misses=own.misses * random.lognormal(0, 0.5),
            merges=min(1.0, own.merges * random.lognormal(0, 0.5)),
        )
        found.append(Worker(f"{kind}-{i}", kind, i < wrong, own))
    return found
