"""What a linker is given and what it answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from training.engine.linking import division
from training.engine.linking.detections import Detections, Floats, Ints
from training.engine.linking.rules import Rules
from training.engine.linking.ways import Splits, Ways
from training.engine.linking.weighing import Weights

CHUNK = 8_000
"""Detections that are weighed and decided at a time, if a frame has not more."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a person may ask for; `max_step_px` None: measured."""

    max_step_px: float | None = None
    divisions: bool = True
    division_bias: float = 0.0
    max_gap_frames: int = 2
    merges: bool = False
    motion: str = "auto"
    appearance: bool = True


@dataclass(frozen=True, eq=False)
class Links:
    """Links between rows of the detections, all (m,): `chance` 0..1 that it is right, whether the later cell
    is a `daughter` of the earlier one, and whether a person has `given` it.
    """

    source: Ints
    target: Ints
    chance: Floats
    daughter: npt.NDArray[np.bool_]
    given: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.source)

    @staticmethod
    def made(source: Ints, target: Ints, chance: Floats, *, daughter: bool = False) -> "Links":
        """Links that a linker found, all of one kind."""
        of_kind = np.full(len(source), daughter)
        return Links(source, target, chance, of_kind, np.zeros(len(source), np.bool_))

    @staticmethod
    def joined(parts: "list[Links]") -> "Links":
        """All of several."""
        if not parts:
            return Links.made(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        return Links(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Links)))

    def where(self, chosen: npt.NDArray[Any]) -> "Links":
        """Some of them, by a mask or by places."""
        return Links(*(getattr(self, f.name)[chosen] for f in fields(Links)))


@dataclass(frozen=True, eq=False)
class Problem:
    """A movie that is to be linked. `pause` is called between chunks; it may raise to stop. `judge` weighs
    links and divisions of neighbouring frames in place of geometry and looks. `workers`: processes."""

    weights: Weights
    options: Options
    rules: Rules
    pause: Callable[[float], None] = lambda _: None
    judge: "Judge | None" = None
    workers: int = 1

    @property
    def found(self) -> Detections:
        """Its detections."""
        return self.weights.found

    def spans(self) -> Iterator[tuple[int, int]]:
        """Runs of frames (first, last): pairs first…last − 1 with the next frames are one chunk."""
        bounds, first = self.found.bounds, 0
        for t in range(self.found.frames - 1):
            if t + 1 == self.found.frames - 1 or bounds[t + 2] - bounds[first] > CHUNK:
                yield first, t + 1
                first = t + 1

    def chunks(self) -> Iterator[tuple[int, int]]:
        """The same, with a pause after each."""
        for first, last in self.spans():
            yield first, last
            self.pause(last / self.found.frames)

    def weighed(self, first: int, last: int) -> tuple[Ways, Splits]:
        """What is possible between these frames and the next, as people have allowed it."""
        if self.judge is not None:
            ways, splits = self.judge(self, first, last)
            splits = splits if self.options.divisions else Splits.none()
            return self.rules.allowed(ways.where(ways.energy < 0), splits)
        ways, square = self.weights.ways(first, last)
        splits = Splits.none()
        if self.options.divisions:
            splits = division.splits(self.weights, ways, square, bias=self.options.division_bias)
        return self.rules.allowed(ways.where(ways.energy < 0), splits)


class Judge(Protocol):
    """Weighs what is possible between frames first…last − 1 and the next ones, in nats as `ways` says."""

    def __call__(self, problem: Problem, first: int, last: int) -> tuple[Ways, Splits]: ...


class Linker(Protocol):
    """Decides which detections are linked. What people have given is no longer among what is possible; it is
    added afterwards."""

    def __call__(self, problem: Problem) -> Links: ...
