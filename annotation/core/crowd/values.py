"""What workers of a crowd answer, what is known of them, and what their answers say together.

Pixels are those of an item's crop: y downwards, x to the right, whole numbers for masks. A mask is runs,
int64 (n, 3) of `y, x0, x1` with x1 left out. Workers and items are named by the caller; here they are keys
alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Runs = NDArray[np.int64]
Key = Any
"""What names an item: whatever can be hashed. A mapping is invariant in its keys, so any type is let in."""

UNSURE = "unsure"
YES_NO = ("yes", "no")


class Kind(StrEnum):
    """What an item asks."""

    OUTLINE = "OUTLINE"
    FIX = "FIX"
    CENTRES = "CENTRES"
    CELL = "CELL"
    SAME = "SAME"
    DIVIDED = "DIVIDED"
    CLASS = "CLASS"

    @property
    def of_masks(self) -> bool:
        """Whether the answer is masks."""
        return self in (Kind.OUTLINE, Kind.FIX)

    @property
    def of_choices(self) -> bool:
        """Whether the answer is one choice of several."""
        return self in (Kind.CELL, Kind.SAME, Kind.DIVIDED, Kind.CLASS)


# ---------------------------------------------------------------- answers


@dataclass(frozen=True, eq=False)
class MaskAnswer:
    """The cells that one worker outlined in one crop; none is an answer too."""

    worker: str
    masks: tuple[Runs, ...]


@dataclass(frozen=True, eq=False)
class PointAnswer:
    """The centres that one worker clicked, float64 (n, 2) of y, x in px."""

    worker: str
    points: Floats


@dataclass(frozen=True)
class ChoiceAnswer:
    """The choice of one worker, `UNSURE` among them."""

    worker: str
    choice: str


# ---------------------------------------------------------------- what is known of workers


@dataclass(frozen=True)
class OutlineSkill:
    """How a worker outlines; rates are chances from 0 to 1.

    `finds`: draws a cell that is there; `invents`: draws where somebody did and nothing is. The same
    `_touching` where answers contradict each other (one cell or two?). In the band in which outlines differ
    `keeps` is the chance to take in a pixel of the cell, `spares` to leave out one that is not. `answers`:
    how many answers this was learnt from, gold included.
    """

    finds: float = 0.9
    invents: float = 0.08
    finds_touching: float = 0.75
    invents_touching: float = 0.2
    keeps: float = 0.75
    spares: float = 0.75
    answers: int = 0


@dataclass(frozen=True)
class PointSkill:
    """How a worker clicks: `finds` and `invents` as for outlines, and how far off the centre, px a
    direction."""

    finds: float = 0.85
    invents: float = 0.15
    spread_px: float = 2.0
    answers: int = 0


S = TypeVar("S", OutlineSkill, PointSkill)
COMMON = ("prior", "overlap", "band")


@dataclass(frozen=True)
class Skills(Generic[S]):
    """What a campaign has learnt: of each worker, of a worker of whom nothing is known yet, how often a place
    where somebody drew holds a cell (`prior`), the IoU of one worker's outline with the true one (`overlap`),
    and the part of the pixels about which outlines differ that is cell (`band`)."""

    typical: S
    of_worker: Mapping[str, S] = field(default_factory=dict)
    prior: float = 0.5
    overlap: float = 0.8
    band: float = 0.5

    def of(self, worker: str) -> S:
        """The skill of a worker, the typical one for a new one."""
        return self.of_worker.get(worker, self.typical)

    def as_json(self) -> dict[str, Any]:
        """For keeping; `of_json` reads it."""
        workers = {worker: asdict(skill) for worker, skill in self.of_worker.items()}
        common = {name: getattr(self, name) for name in COMMON}
        workers = {worker: asdict(skill) for worker, skill in self.of_worker.items()}
        return {"typical": asdict(self.typical), **common, "workers": workers}

    @classmethod
    def of_json(cls, kind: type[S], told: Mapping[str, Any]) -> Self:
        """Skills as `as_json` told them; unknown names are passed over."""
        names = {f.name for f in fields(kind)}

        def one(values: Mapping[str, Any]) -> S:
            return kind(**{name: value for name, value in values.items() if name in names})

        workers = {worker: one(values) for worker, values in told.get("workers", {}).items()}
        common = {name: float(told[name]) for name in COMMON if name in told}
        return cls(one(told.get("typical", {})), workers, **common)


# ---------------------------------------------------------------- what they say together


@dataclass(frozen=True, eq=False)
class ObjectConsensus:
    """One cell that answers speak of. `exists` is its chance to be there, `overlap` the IoU to be expected
    of its outline with the true one, `certainty` their product for a cell that is taken, 1 - `exists` for
    one that is not. `inside` holds the chance of each pixel of the box at (y, x) to belong to it, `share` the
    part of the workers that takes it in, each counted as far as it can be believed.
    """

    runs: Runs
    exists: float
    overlap: float
    taken: bool
    drawn_by: tuple[str, ...]
    y: int
    x: int
    inside: NDArray[np.float32]
    share: NDArray[np.float32]

    @property
    def certainty(self) -> float:
        """How sure it is that what is said of this cell is right, 0 to 1."""
        return self.exists * self.overlap if self.taken else 1 - self.exists


@dataclass(frozen=True, eq=False)
class Consensus:
    """What the answers of one item say together: cells taken and cells refused.

    `certainty` is the panoptic quality to be expected (1: all is right); `gain` the part of the cells that
    one more answer of a typical worker would put right, as expected.
    """

    objects: tuple[ObjectConsensus, ...]
    refused: tuple[ObjectConsensus, ...]
    certainty: float
    gain: float
    answers: int

    @property
    def masks(self) -> tuple[Runs, ...]:
        """The outlines of the cells that are taken."""
        return tuple(one.runs for one in self.objects)

    def as_value(self) -> dict[str, Any]:
        """The same as the value of an answer."""
        return {"masks": [runs.tolist() for runs in self.masks]}


@dataclass(frozen=True)
class PointOfCrowd:
    """A centre that answers speak of; `spread_px` is its standard error in one direction."""

    y: float
    x: float
    exists: float
    spread_px: float
    taken: bool
    clicked_by: tuple[str, ...]


@dataclass(frozen=True)
class PointConsensus:
    """The centres that the answers of one item give together; the rest as in `Consensus`."""

    points: tuple[PointOfCrowd, ...]
    refused: tuple[PointOfCrowd, ...]
    certainty: float
    gain: float
    answers: int

    def as_value(self) -> dict[str, Any]:
        """The same as the value of an answer."""
        return {"points": [[p.y, p.x] for p in self.points]}


@dataclass(frozen=True)
class ChoiceConsensus:
    """The likeliest choice, the chance of each, and what one more answer is worth (chance to be right)."""

    choice: str
    chances: Mapping[str, float]
    gain: float
    answers: int

    @property
    def certainty(self) -> float:
        """The chance of the likeliest choice."""
        return self.chances[self.choice]

    def as_value(self) -> dict[str, Any]:
        """The same as the value of an answer."""
        return {"choice": self.choice}


AnyConsensus = Consensus | PointConsensus | ChoiceConsensus
MaskItems = Mapping[Key, Sequence[MaskAnswer]]
PointItems = Mapping[Key, Sequence[PointAnswer]]
ChoiceItems = Mapping[Key, Sequence[ChoiceAnswer]]
