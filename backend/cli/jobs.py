"""Waiting for a job, as its row tells."""

import time

from backend.cli.children import Child
from backend.cli.saying import Tell
from backend.foundation.errors import CytoloopError
from training.models.jobs import FINAL_STATES, Job, State
from training.services import jobs

LOOK_EVERY_S = 0.5


class JobFailed(CytoloopError):
    """The job ended without a result; the message says why."""


class NobodyAnswers(CytoloopError):
    """The worker started for this command ended."""


def wait(*, job: Job, worker: Child | None, tell: Tell) -> Job:
    """Watch the row until the job has ended; raises `JobFailed`, `NobodyAnswers`.

    A worker that was killed is started again, and the job goes on from its checkpoint.
    """
    while True:
        job = Job.objects.get(pk=job.pk)
        tell(job.fraction, job.message)
        if job.state in FINAL_STATES:
            break
        if worker is not None and worker.watch():
            _take_up_again(worker)
        time.sleep(LOOK_EVERY_S)
    if job.state != State.SUCCEEDED:
        raise JobFailed(f"{str(job).capitalize()}: {job.error or job.message or job.state.lower()}")
    return job


def _take_up_again(worker: Child) -> None:
    """Nobody sweeps while a command works alone: its silent job is put back in the queue here."""
    if worker.ends > 3:
        raise NobodyAnswers(f"The worker ends again and again. Its log ({worker.log}) ends:\n{worker.tail()}")
    jobs.sweep()
