"""The folder through which the benchmark and a peer's process speak: what is asked, pictures, what was found.

Read on both sides, so it needs numpy and the standard library alone.

    task.json              what is asked
    train/0000.npz …       `pixels` (y, x) or (y, x, 3), `labels` int32 (y, x)
    validation/0000.npz …  the same, taken from the training images; for thresholds alone
    held_out/0000.npz …    `pixels` alone
    found/0000.npy …       labels int32 (y, x) of the held-out pictures
    model/                 what the peer keeps of its model
    result.json            what was spent and what was given
"""

import json
import resource
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[Any]
Labels = npt.NDArray[np.int32]
PARTS = ("train", "validation", "held_out")


@dataclass(frozen=True)
class Task:
    """What a peer is asked: to learn for `budget_s` CPU-seconds and to read what it has not seen.

    `colours` is 1 or 3, the same for all pictures. `raw_files` are read and timed instead, where there are
    any, with the model that is in the folder.
    """

    seed: int
    budget_s: float
    threads: int
    colours: int
    raw_files: list[str] = field(default_factory=list)
    rounds: int = 1


@dataclass(frozen=True)
class TaskFolder:
    """The paths of one task and their readers and writers."""

    path: Path

    @property
    def model(self) -> Path:
        """Folder of the peer's model."""
        return self.path / "model"

    def write_task(self, task: Task) -> None:
        """Writes task.json."""
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / "task.json").write_text(json.dumps(asdict(task)), encoding="utf-8")

    def read_task(self) -> Task:
        """Reads task.json."""
        return Task(**json.loads((self.path / "task.json").read_text(encoding="utf-8")))

    def write_pictures(self, part: str, pairs: Iterable[tuple[Pixels, Labels | None]]) -> None:
        """Writes pictures with labels, or without."""
        folder = self.path / part
        folder.mkdir(parents=True, exist_ok=True)
        for number, (pixels, labels) in enumerate(pairs):
            arrays = {"pixels": pixels} if labels is None else {"pixels": pixels, "labels": labels}
            np.savez(folder / f"{number:04d}.npz", **arrays)  # type: ignore[arg-type]

    def read_pictures(self, part: str) -> tuple[list[Pixels], list[Labels]]:
        """Pictures and labels of a part; no labels where there are none."""
        pixels, labels = [], []
        for path in sorted((self.path / part).glob("*.npz")):
            with np.load(path) as arrays:
                pixels.append(arrays["pixels"])
                if "labels" in arrays:
                    labels.append(arrays["labels"])
        return pixels, labels

    def write_found(self, number: int, labels: npt.NDArray[Any]) -> None:
        """Writes the labels found in a held-out picture."""
        (self.path / "found").mkdir(exist_ok=True)
        np.save(self.path / "found" / f"{number:04d}.npy", labels.astype(np.int32))

    def found(self) -> Iterator[Labels]:
        """What was found, picture by picture."""
        for path in sorted((self.path / "found").glob("*.npy")):
            yield np.load(path)

    def write_result(self, **facts: Any) -> None:
        """Writes result.json, which ends the task."""
        (self.path / "result.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")

    def read_result(self) -> dict[str, Any]:
        """Reads result.json."""
        facts: dict[str, Any] = json.loads((self.path / "result.json").read_text(encoding="utf-8"))
        return facts


def cpu_s() -> float:
    """User and system seconds of this process and of its ended children, all cores together."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


class Clock:
    """CPU-seconds against a budget; it starts at the first look, which is the first step of training."""

    def __init__(self, budget_s: float) -> None:
        self.budget_s, self._began = budget_s, -1.0

    @property
    def spent_s(self) -> float:
        """CPU-seconds since the first look."""
        if self._began < 0:
            self._began = cpu_s()
        return cpu_s() - self._began

    @property
    def fraction(self) -> float:
        """Share of the budget that is spent, 1 and above when it is over."""
        return self.spent_s / self.budget_s


def timed(read: Any, find: Any, files: Iterable[str], rounds: int) -> list[list[float]]:
    """Seconds from each raw file to its labels in each round, after one file that warms up."""
    names = list(files)
    for name in names[:1]:
        find(read(name))
    return [[_seconds(lambda name=name: find(read(name))) for name in names] for _ in range(rounds)]


def _seconds(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def limited(threads: int) -> dict[str, str]:
    """Environment variables that hold a process to so many threads."""
    names = [f"{name}_NUM_THREADS" for name in ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "NUMBA")]
    return dict.fromkeys([*names, "TF_NUM_INTRAOP_THREADS"], str(threads))
