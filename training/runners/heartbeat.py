"""Says every few seconds that the worker lives, whatever the worker is busy with."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from types import TracebackType

from django.db import DatabaseError, InterfaceError, connection

from training.models.jobs import State
from training.services import jobs

logger = logging.getLogger(__name__)


class Heartbeat:
    """A context manager around the work on one job.

    `state` is what the row said last (CANCELLING asks the worker to stop), `lost` whether somebody else has
    the job.
    """

    def __init__(self, *, job_id: uuid.UUID, worker: str, every_s: float = jobs.HEARTBEAT_S) -> None:
        self.job_id, self.worker, self.every_s = job_id, worker, every_s
        self.state = State.RUNNING
        self.lost = False
        self.memory: Callable[[], int | None] = lambda: None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"heartbeat of {job_id}", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self.lost and not self._over.wait(self.every_s):
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            self.state = jobs.beat(job_id=self.job_id, worker=self.worker, memory_bytes=self.memory())
        except jobs.JobTakenOver:
            self.lost = True
        except (DatabaseError, InterfaceError) as error:
            # The database may be back at the next beat; if not, the sweep gives the job to another worker.
            logger.warning("A heartbeat of job %s failed: %s", self.job_id, error)
            connection.close()
