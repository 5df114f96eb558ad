"""When things are due: the end of training, the step size on the way there, reports, validations,
checkpoints.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

WARM_UP_STEPS, WARM_UP_SHARE = 100, 0.05
LAST_SHARE = 0.01


@dataclass
class Budget:
    """How much of the training is done, by running time, by the processor's time and by steps; time spent
    dead is not counted.

    `spent_s` and `spent_cpu_s` are what earlier starts of the same run have used.
    """

    minutes: float | None
    steps: int | None
    cpu_minutes: float | None = None
    spent_s: float = 0.0
    spent_cpu_s: float = 0.0
    _started: float = field(default_factory=time.perf_counter)
    _cpu_started: float = field(default_factory=time.process_time)

    @property
    def elapsed_s(self) -> float:
        """Running time of training, over all starts."""
        return self.spent_s + time.perf_counter() - self._started

    @property
    def cpu_s(self) -> float:
        """Processor time of all cores together, over all starts."""
        return self.spent_cpu_s + time.process_time() - self._cpu_started

    def fraction(self, step: int) -> float:
        """0 at the beginning, 1 at the end: whichever of the limits is nearest."""
        by_time = 0.0 if self.minutes is None else self.elapsed_s / (60 * self.minutes)
        by_cpu = 0.0 if self.cpu_minutes is None else self.cpu_s / (60 * self.cpu_minutes)
        by_steps = 0.0 if self.steps is None else step / self.steps
        return min(1.0, max(by_time, by_cpu, by_steps))

    def eta_s(self, step: int) -> float | None:
        """Seconds left, None before there is anything to judge by."""
        fraction = self.fraction(step)
        return self.elapsed_s * (1 - fraction) / fraction if fraction > 0.005 else None


@dataclass
class Cadence:
    """Says when something is due that should happen every `every_s` seconds of running time."""

    every_s: float
    next_s: float = 0.0

    def due(self, elapsed_s: float) -> bool:
        """Whether the time has come; if so, the next time is set."""
        if elapsed_s < self.next_s:
            return False
        self.next_s = elapsed_s + self.every_s
        return True

    def at_least(self, pause_s: float) -> None:
        """Puts the next time off, where what was due took long."""
        self.next_s += max(0.0, pause_s - self.every_s)


class Rungs:
    """Shares of the budget at which something is due, each once; those already behind are left out."""

    def __init__(self, shares: Sequence[float], done: float) -> None:
        self.none = not shares
        self.ahead = sorted(share for share in shares if share > done)

    def passed(self, fraction: float) -> float | None:
        """The share that was just passed, the last one if there were several; None where none was."""
        behind = [share for share in self.ahead if share <= fraction]
        self.ahead = self.ahead[len(behind) :]
        return behind[-1] if behind else None


def learning_rate(peak: float, *, step: int, fraction: float) -> float:
    """Linear warm-up, then half a cosine to 1 % of the peak (Loshchilov & Hutter 2017).

    The warm-up takes 100 steps, or a twentieth of the training where that is shorter.
    """
    warm = min(1.0, max((step + 1) / WARM_UP_STEPS, fraction / WARM_UP_SHARE))
    return peak * warm * (LAST_SHARE + (1 - LAST_SHARE) * 0.5 * (1 + math.cos(math.pi * fraction)))


@dataclass
class Patience:
    """Remembers the best score; `exhausted` after `limit` validations in a row without a better one."""

    limit: int | None
    best: float = -math.inf
    waited: int = 0

    def note(self, score: float) -> bool:
        """Takes a score; whether it is the best so far."""
        better = score > self.best
        self.best, self.waited = (score, 0) if better else (self.best, self.waited + 1)
        return better

    @property
    def exhausted(self) -> bool:
        """Whether it is time to stop."""
        return self.limit is not None and self.waited >= self.limit
