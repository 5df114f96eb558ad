"""Jobs of several engines, one after the other: each part has a run folder of its own inside the job's.

Images and labels are laid out once for the job; a part's folder points at them. A part that was begun goes on
from its checkpoint, one that has its result is not begun again.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import psutil
from django.db import DatabaseError, InterfaceError

from training.contract.files import RunFolder
from training.contract.manifest import ManifestLine
from training.contract.progress import ProgressLine
from training.contract.specs import RunSpec
from training.models import Job
from training.models.jobs import Kind
from training.runners import layout
from training.runners.base import EngineProcess, Limits, Runner
from training.runners.heartbeat import Heartbeat
from training.runners.local_process import LocalProcess, end_orphan
from training.runners.tail import Tail
from training.runners.watch import POLL_S, Cause, Ending, Watch
from training.services import jobs

PARTS = "parts"
STOP_PATIENCE_S = 15.0

Told = Callable[[Sequence[ProgressLine], int, float, float], None]
"""Takes what a part said, up to which byte, and the seconds and processor seconds spent since."""


@dataclass
class PartWatch(Watch):
    """Watches one part; what it says goes to `told`, and `wanted` says whether it shall go on."""

    told: Told = lambda *_: None
    wanted: Callable[[], bool] = lambda: True
    process: EngineProcess | None = None
    _counted_s: float = field(default_factory=time.monotonic)
    _counted_cpu_s: float = 0.0

    def _record(self, lines: list[ProgressLine], before: int) -> None:
        try:
            self.told(lines, self.tail.offset, *self._spent())
        except (DatabaseError, InterfaceError):
            self.tail.offset = before
            raise

    def _reason_to_stop(self, process: EngineProcess) -> Cause:
        cause = super()._reason_to_stop(process)
        return Cause.NOT_WANTED if cause is Cause.BY_ITSELF and not self.wanted() else cause

    def _spent(self) -> tuple[float, float]:
        now, cpu = time.monotonic(), max(_cpu_s(self.process), self._counted_cpu_s)
        spent = now - self._counted_s, cpu - self._counted_cpu_s
        self._counted_s, self._counted_cpu_s = now, cpu
        return spent


@dataclass(frozen=True)
class Parts:
    """A job in the hands of a worker, and what it takes to run one part of it after another."""

    job: Job
    worker: str
    pulse: Heartbeat
    runner: Runner
    limits: Limits
    folder: RunFolder

    def prepare(self) -> None:
        """Lay out images and labels once for all parts."""
        if layout.is_laid_out(folder=self.folder):
            return
        jobs.note(job_id=self.job.pk, worker=self.worker, message="Preparing images and labels…")
        jobs.set_run_folder(job_id=self.job.pk, worker=self.worker, run_folder=f"runs/{self.job.pk}")
        training = copy.copy(self.job)
        training.kind = Kind.TRAIN
        # A training needs an end to be written down; each part gets its own, in minutes or processor time.
        training.minutes = training.minutes or jobs.DEFAULT_TRAINING_MINUTES
        layout.lay_out(job=training, folder=self.folder)

    def folder_of(self, name: str) -> RunFolder:
        """Where a part is."""
        return RunFolder(self.folder.path / PARTS / name)

    def lay_out(self, name: str, *, spec: RunSpec, lines: Iterable[ManifestLine]) -> RunFolder:
        """Write a part's spec and manifest, the manifest last, unless an earlier worker did."""
        part = self.folder_of(name)
        if layout.is_laid_out(folder=part):
            return part
        part.path.mkdir(parents=True, exist_ok=True)
        if not part.labels.is_symlink():
            part.labels.symlink_to(self.folder.labels, target_is_directory=True)
        part.write_spec(spec)
        part.write_manifest(lines)
        return part

    def spec(self, **changes: object) -> RunSpec:
        """The job's spec with some of it changed."""
        return replace(self.folder.read_spec(), **changes)  # type: ignore[arg-type]

    def run(
        self,
        part: RunFolder,
        *,
        offset: int,
        told: Told,
        wanted: Callable[[], bool] = lambda: True,
        recipe: str = "",
    ) -> Ending:
        """Run a part to its end, or until it is not wanted. An engine that was left on it is ended. `recipe`
        is the part's where it is not the job's."""
        end_orphan(folder=part)
        tail = Tail(part.progress, offset)
        watch = PartWatch(
            self.job, self.worker, part, self.pulse, self.limits, tail, told=told, wanted=wanted
        )
        if part.read_result() is not None:
            watch.hear(last=True)
            return Ending(cause=Cause.BY_ITSELF, exit_code=0)
        process = self.runner.start(folder=part, recipe=recipe or self.job.recipe)
        watch.process, self.pulse.memory = process, process.memory_bytes
        try:
            ending = watch.until_end(process)
            told([], tail.offset, *watch._spent())
            return ending
        finally:
            _end(process)


def _end(process: EngineProcess) -> None:
    """Whatever happens, no engine is left running."""
    if process.poll() is None:
        process.terminate()
        deadline = time.monotonic() + STOP_PATIENCE_S
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(POLL_S)
        process.kill()


def _cpu_s(process: EngineProcess | None) -> float:
    """Processor time of an engine on this machine; 0 where it cannot be told."""
    if not isinstance(process, LocalProcess):
        return 0.0
    try:
        times = psutil.Process(process.process.pid).cpu_times()
        return float(times.user + times.system)
    except psutil.Error:
        return 0.0
