"""What a repair is, and a movie with what is usual in it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotation.core.alert_steps import steady, steps_of
from annotation.core.alert_values import Known
from annotation.core.intervals import Ints
from annotation.core.observations import Floats, Followed, Observations, tracks_of


class RepairKind(StrEnum):
    """What the proposed edit does."""

    JOIN = "JOIN"  # (a, b): b goes on as a
    REJOIN = "REJOIN"  # (a, b, a, b, …): so do many at once, where the whole picture has moved
    SWAP = "SWAP"  # (a, b): exchanged from `t` to `last_t`
    DIVIDE = "DIVIDE"  # (mother, daughter, …): named as daughters; a mother that goes on becomes one of them
    MOTHER = "MOTHER"  # (daughter, mother): another mother than the one that is named
    CUT = "CUT"  # (a,): another cell from `t` on


@dataclass(frozen=True, slots=True)
class Repair:
    """One proposed edit: cells as its kind says, `t` the first frame that changes, `last_t` the last (None:
    to the end).

    `gain` = `probability` × `links`. `y`, `x` (px) and `z` say where to look.
    """

    kind: RepairKind
    t: int
    last_t: int | None
    cells: tuple[int, ...]
    probability: float
    links: int
    gain: float
    z: int
    y: float
    x: float
    message: str


LABELS_ARE_RIGHT = 3.0  # log-odds that a link is right before anybody looks
END_IS_WRONG = 4.0  # log-odds that a cell neither vanishes nor appears inside the picture
REACH_SIZES = 1.5  # daughters begin so near to their mother, in her widths
FIRST_GUESS_PX = 1.0
FIRST_GUESS_GROWTH = 0.1


class Scale(NamedTuple):
    """What is usual: px a frame and axis, log of area ratios."""

    step_px: float
    growth: float

    def cost(self, apart_px: Floats, growth: Floats, frames: Floats) -> Floats:
        """Of steps so long in so many frames: half the squared deviations."""
        step = (apart_px / self.step_px) ** 2 / frames
        return np.asarray(0.5 * (np.minimum(step, 200.0) + np.minimum((growth / self.growth) ** 2, 20.0)))


@dataclass(frozen=True, eq=False)
class Scene:
    """A movie with its scale, and what comes before and after each row (−1: nothing)."""

    known: Known
    seen: Observations
    places: Floats  # (n, 2) y and x, less the movement of the whole picture
    scale: Scale
    after: Ints
    before: Ints
    border: NDArray[np.bool_]

    def cost(self, i: Ints, j: Ints) -> Floats:
        """Of steps from rows i to later rows j."""
        seen = self.seen
        frames = np.maximum(seen.t[j] - seen.t[i], 1).astype(np.float64)
        return self.scale.cost(self.apart(i, j), np.log(seen.area_px[j] / seen.area_px[i]), frames)

    def apart(self, i: Ints, j: Ints) -> Floats:
        """Distance of rows i from rows j, px."""
        return np.asarray(np.hypot(*(self.places[j] - self.places[i]).T))

    def repair(
        self,
        kind: RepairKind,
        row: int,
        cells: tuple[int, ...],
        odds: float,
        links: int,
        text: str,
        t: int = -1,
    ) -> Repair:
        """At a row; `odds` are the log-odds that it is needed."""
        seen = self.seen
        likely = float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))
        at = int(seen.t[row]) if t < 0 else t
        where = round(float(seen.z[row])), round(float(seen.y[row]), 1), round(float(seen.x[row]), 1)
        return Repair(kind, at, None, cells, round(likely, 4), links, round(likely * links, 4), *where, text)


def scene_of(movie: Followed) -> Scene:
    """The movie measured."""
    seen = movie.seen
    steps = steps_of(seen)
    step = max(float(np.median(steps.speed_px)) / 1.1774, 0.3) if steps.row.size else FIRST_GUESS_PX
    growth = (
        max(float(np.median(np.abs(steps.growth))) * 1.4826, 0.03) if steps.row.size else FIRST_GUESS_GROWTH
    )
    after, before = np.full(len(seen), -1), np.full(len(seen), -1)
    after[steps.row], before[steps.row + 1] = steps.row + 1, steps.row
    margin = max(2.0, 2 * step)
    known = Known(movie, tracks_of(seen))
    places = steady(seen, steps.row)
    return Scene(known, seen, places, Scale(step, growth), after, before, movie.touches_border(margin))
