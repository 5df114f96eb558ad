"""Watches an engine at work: passes on what it tells, and stops it when it must be stopped."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import DatabaseError, InterfaceError, connection

from training.contract.files import RunFolder
from training.contract.progress import Picture, ProgressLine
from training.models import Job
from training.models.jobs import State
from training.runners.base import EngineProcess, Limits
from training.runners.heartbeat import Heartbeat
from training.runners.local_process import LOG
from training.runners.tail import Tail
from training.services import progress

logger = logging.getLogger(__name__)

POLL_S = 0.25
LOG_EVERY_S = 10.0
LOG_TAIL_BYTES = 64 * 1024
TERMINATE_AFTER_S = 20.0
KILL_AFTER_S = 40.0
DATABASE_PATIENCE_S = 60.0


class Cause(StrEnum):
    """Why an engine ended."""

    BY_ITSELF = "by itself"
    CANCELLED = "cancelled"
    TAKEN_OVER = "taken over"
    TOO_LONG = "too long"
    TOO_LARGE = "too large"
    NOT_WANTED = "not wanted any more"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an engine ended: why, and with which exit code."""

    cause: Cause
    exit_code: int


@dataclass
class Watch:
    """One engine, watched until it ends."""

    job: Job
    worker: str
    folder: RunFolder
    pulse: Heartbeat
    limits: Limits
    tail: Tail
    cause: Cause = Cause.BY_ITSELF
    stopping_since: float = 0.0
    log_told_at: float = 0.0
    database_away_since: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def until_end(self, process: EngineProcess) -> Ending:
        """Watch until the process has ended, and hear its last words. Raises JobTakenOver."""
        while True:
            exit_code = process.poll()
            self.hear(last=exit_code is not None)
            if exit_code is not None:
                return Ending(cause=self.cause, exit_code=exit_code)
            self.decide(process)
            time.sleep(POLL_S)

    def hear(self, *, last: bool = False) -> None:
        """Write down what was told since; the database may be away for a while, for instance restarted."""
        try:
            self._hear(last)
            self.database_away_since = 0.0
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            self.database_away_since = self.database_away_since or time.monotonic()
            if last or time.monotonic() - self.database_away_since > DATABASE_PATIENCE_S:
                raise
            logger.warning("The progress of job %s could not be written down: %s", self.job.pk, error)

    def decide(self, process: EngineProcess) -> None:
        """Stop the engine gently when there is a reason, firmly when it does not listen."""
        if self.cause is Cause.BY_ITSELF:
            self.cause = self._reason_to_stop(process)
            if self.cause is not Cause.BY_ITSELF:
                self.stopping_since = time.monotonic()
                self._ask(process)
            return
        waited = time.monotonic() - self.stopping_since
        if waited > KILL_AFTER_S:
            process.kill()
        elif waited > TERMINATE_AFTER_S:
            process.terminate()

    def _ask(self, process: EngineProcess) -> None:
        if self.cause is Cause.CANCELLED:
            self.folder.cancel.touch()
        elif self.cause is Cause.TOO_LARGE:
            process.kill()
        else:
            process.terminate()

    def _reason_to_stop(self, process: EngineProcess) -> Cause:
        if self.pulse.lost:
            return Cause.TAKEN_OVER
        if self.pulse.state == State.CANCELLING:
            return Cause.CANCELLED
        if time.monotonic() - self.started > self.limits.seconds:
            return Cause.TOO_LONG
        limit = self.limits.memory_bytes
        if limit is not None and (process.memory_bytes() or 0) > limit:
            return Cause.TOO_LARGE
        return Cause.BY_ITSELF

    def _hear(self, last: bool) -> None:
        while True:
            before = self.tail.offset
            lines = self.tail.read()
            if lines or self.tail.offset != before:
                self._record(lines, before)
            if not last or self.tail.offset == before:
                break
        if last or time.monotonic() - self.log_told_at > LOG_EVERY_S:
            self.log_told_at = time.monotonic()
            progress.store_log(job_id=self.job.pk, tail=log_tail(folder=self.folder))

    def _record(self, lines: list[ProgressLine], before: int) -> None:
        try:
            kept = [line for line in lines if not isinstance(line, Picture) or self._keep(line)]
            progress.record(job_id=self.job.pk, worker=self.worker, lines=kept, offset=self.tail.offset)
        except (DatabaseError, InterfaceError):
            self.tail.offset = before
            raise

    def _keep(self, picture: Picture) -> bool:
        path = self.folder.pictures / picture.name
        if path.parent != self.folder.pictures or not path.is_file():
            logger.warning("Job %s told of a picture that is not there: %s", self.job.pk, picture.name)
            return False
        progress.store_picture(job_id=self.job.pk, name=picture.name, content=path.read_bytes())
        return True


def log_tail(*, folder: RunFolder) -> bytes:
    """The end of what the engine printed."""
    path = folder.path / LOG
    if not path.exists():
        return b""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
        return stream.read()
