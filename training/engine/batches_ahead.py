"""Batches that the cores make while cards still learn from those before."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from training.engine.devices import Device
from training.engine.seeds import Chance

Part = TypeVar("Part")
Part_co = TypeVar("Part_co", covariant=True)
Made = TypeVar("Made")
Made_co = TypeVar("Made_co", covariant=True)

MOST_AHEAD = 8
"""Batches that lie ready at most, whatever the number of cores; each keeps its arrays in memory."""


class Lesson(Protocol[Part, Made_co]):
    """What a recipe learns from, batch by batch."""

    def draw(self, chance: Chance, parts: int) -> Sequence[Part]:
        """A batch in at most `parts` shares, drawn but not made. All chance is drawn here, in one order."""

    def make(self, share: Part) -> Made_co:
        """The arrays of a share, as the loss wants them; called by several threads at once."""

    def steps_per_epoch(self) -> int:
        """Steps in which about as much is drawn as there is."""


@dataclass(frozen=True)
class MadeShare(Generic[Part, Made_co]):
    """A share of a batch, and how its arrays are come by: made when they are asked for, or waited for."""

    share: Part
    arrays: Callable[[], Made_co]

    @property
    def weight(self) -> float:
        """Its part of the batch's mean, by the number of crops where the lesson tells it."""
        return float(getattr(self.share, "weight", 1))


class Batches(Generic[Part, Made]):
    """The batches of a lesson, in order; what is drawn and when does not hang on what is made ahead.

    On a processor nothing is made ahead, for making and learning share the cores. With cards as many
    batches are made at a time as there are cores for. It stands for the chance of a run in checkpoints: as it
    was before the first batch that is not learned from.
    """

    def __init__(self, lesson: Lesson[Part, Made], chance: Chance, device: Device) -> None:
        self.lesson, self.chance, self.device = lesson, chance, device
        self.ahead = min(MOST_AHEAD, max(1, device.workers // device.parts)) if device.on_cards else 0
        self._begun: deque[tuple[dict[str, Any], list[MadeShare[Part, Made]]]] = deque()

    def next(self) -> list[MadeShare[Part, Made]]:
        """The shares of the next batch."""
        if not self.ahead:
            return [MadeShare(share, self._made_when_asked(share)) for share in self._draw()]
        while len(self._begun) <= self.ahead:
            self._begun.append((self.chance.state_dict(), [self._begin(share) for share in self._draw()]))
        return self._begun.popleft()[1]

    def state_dict(self) -> dict[str, Any]:
        """The chance to go on from: whatever was made ahead is drawn again."""
        return self._begun[0][0] if self._begun else self.chance.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""
        self._begun.clear()
        self.chance.load_state_dict(state)

    def _draw(self) -> Sequence[Part]:
        return self.lesson.draw(self.chance, self.device.parts)

    def _begin(self, share: Part) -> MadeShare[Part, Made]:
        begun: Future[Made] = self.device.begin(self.lesson.make, share)
        return MadeShare(share, begun.result)

    def _made_when_asked(self, share: Part) -> Callable[[], Made]:
        return lambda: self.lesson.make(share)
