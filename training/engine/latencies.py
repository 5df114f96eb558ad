"""How long single answers take, and being preferred to other processes while they are given."""

import contextlib
import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

MOST_KEPT = 1_000_000
PRIORITY = 10
"""Of the class of processes that go first (SCHED_FIFO, 1 … 99)."""
NICER = -10


class Latencies:
    """The last million durations, kept without asking for memory."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self.count = 0
        self._ns = np.zeros(most, np.int64)

    def add(self, ns: int) -> None:
        """One duration in nanoseconds."""
        self._ns[self.count % len(self._ns)] = ns
        self.count += 1

    def to_json(self) -> dict[str, Any]:
        """How many, and percentiles in milliseconds."""
        kept = np.sort(self._ns[: self.count]) / 1e6
        if not len(kept):
            return {"count": 0}
        shares = {"p50": 50.0, "p99": 99.0, "p999": 99.9, "most": 100.0}
        found = {
            name: round(float(np.percentile(kept, share, method="inverted_cdf")), 4)
            for name, share in shares.items()
        }
        return {"count": self.count, **found}


def measure(
    decide: Callable[[npt.NDArray[Any]], object], cells: npt.NDArray[Any], *, count: int, every_s: float = 0.0
) -> Latencies:
    """Durations of `count` decisions over the cells (n, …) in turn. With `every_s` a cell is due at fixed
    times, and its duration counts from then: being woken late and waiting for the cell before count too."""
    latencies = Latencies(count)
    with collecting_nothing():
        due = time.perf_counter_ns()
        for number in range(count):
            if every_s:
                due += int(every_s * 1e9)
                while (left := due - time.perf_counter_ns()) > 0:
                    time.sleep(left / 1e9)
            begun = due if every_s else time.perf_counter_ns()
            decide(cells[number % len(cells)])
            latencies.add(time.perf_counter_ns() - begun)
    return latencies


@contextmanager
def collecting_nothing() -> Iterator[None]:
    """No collection of garbage inside this block."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def prefer() -> str:
    """Asks the system to let this process go before others; answers how far it did: real-time, nice, none."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
        return "real-time"
    with contextlib.suppress(OSError):
        os.nice(NICER)
        return "nice"
    return "none"
