"""What a worker does to a job: takes it, tells of it, falls silent."""

from datetime import timedelta

from backend.foundation import clock
from training.contract.progress import Metrics, ProgressLine
from training.models import Job
from training.services import jobs, progress

AT = "2026-01-01T00:00:00+00:00"


def claimed(job: Job, worker: str = "worker 1") -> Job:
    found = jobs.claim(job_id=job.pk, worker=worker)
    assert found is not None
    return found


def silence(job: Job, seconds: float) -> None:
    Job.objects.filter(pk=job.pk).update(heartbeat_at=clock.now() - timedelta(seconds=seconds))


def metrics(step: int, **values: float) -> Metrics:
    return Metrics(at=AT, step=step, epoch=step / 10, elapsed_s=float(step), values=values)


def tell(job: Job, *lines: ProgressLine, offset: int = 1, worker: str = "worker 1") -> None:
    progress.record(job_id=job.pk, worker=worker, lines=lines, offset=offset)
