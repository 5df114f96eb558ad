"""What a runner is: something that starts the engine on a run folder and can say how it is doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from training.contract.files import RunFolder

DAY_S = 24 * 3600.0
# Beyond this the database and the web server beside the engine would be the first to suffer.
MEMORY_SHARE = 0.9
# What control groups allow a container, version 2 and version 1; “max” means no limit.
CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


class EngineProcess(Protocol):
    """The engine at work on one run folder."""

    def poll(self) -> int | None:
        """The exit code (negative: the signal that killed it), or None while it works."""

    def memory_bytes(self) -> int | None:
        """Memory held by the engine and its children; None when it cannot be told."""

    def terminate(self) -> None:
        """Ask it to write a checkpoint and leave."""

    def kill(self) -> None:
        """End it and its children now."""


class Runner(Protocol):
    """Starts engines. An engine that an earlier worker left behind on the folder is ended first."""

    def start(self, *, folder: RunFolder, recipe: str) -> EngineProcess:
        """Start the recipe on the folder."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long one attempt may take, and how much memory it may hold."""

    seconds: float = DAY_S
    memory_bytes: int | None = None


def limits_for(*, minutes: float | None) -> Limits:
    """A training ends by itself after its minutes; twice that and half an hour more means that it hangs."""
    seconds = DAY_S if minutes is None else minutes * 120 + 1800
    return Limits(seconds=seconds, memory_bytes=int(memory_here() * MEMORY_SHARE))


def memory_here(*, limit_files: Sequence[Path] = CGROUP_LIMITS) -> int:
    """Bytes that this machine has, or the container it is in may use, whichever is less.

    Without the container's limit the kernel would kill the engine before the runner could say why.
    """
    told = [path.read_text().strip() for path in limit_files if path.is_file()]
    return min([psutil.virtual_memory().total, *(int(word) for word in told if word.isdigit())])
