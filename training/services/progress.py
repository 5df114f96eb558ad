"""What the engine told while it ran, written down once: rows that survive the run folder."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max

from backend.foundation import events, storage
from training.contract.progress import Metrics, Picture, ProgressLine, Status
from training.models import Job, JobPicture, JobPoint
from training.services import jobs


@transaction.atomic
def record(*, job_id: uuid.UUID | str, worker: str, lines: Sequence[ProgressLine], offset: int) -> None:
    """Write lines down and remember `offset`, so that the next worker reads on behind them.

    Raises JobTakenOver.
    """
    job = jobs.lock_held(job_id=job_id, worker=worker)
    before = job.fraction
    for line in lines:
        _record_line(job, line)
    job.progress_offset = offset
    if job.fraction > before or any(isinstance(line, Metrics) for line in lines):
        job.fruitless_attempts = 0
    job.save(update_fields=["progress_offset", "fraction", "eta_s", "message", "fruitless_attempts"])
    events.publish("job.progress", project=job.project_id, id=job.pk)


def store_picture(*, job_id: uuid.UUID | str, name: str, content: bytes) -> str:
    """Keep the bytes of a picture; answers their key. The same name again replaces the picture."""
    key = f"jobs/{job_id}/pictures/{name}"
    storage.put(key, content)
    return key


def store_log(*, job_id: uuid.UUID | str, tail: bytes) -> None:
    """Keep the end of the engine's log where every web server can read it."""
    storage.put(f"jobs/{job_id}/log.txt", tail)


def _record_line(job: Job, line: ProgressLine) -> None:
    if isinstance(line, Status):
        job.message = line.message or job.message
        job.eta_s = line.eta_s
        if line.fraction is not None:
            job.fraction = line.fraction
    elif isinstance(line, Metrics):
        _record_point(job, line)
    elif isinstance(line, Picture):
        JobPicture.objects.update_or_create(
            job=job,
            name=line.name,
            defaults={
                "caption": line.caption,
                "step": line.step,
                "key": f"jobs/{job.pk}/pictures/{line.name}",
            },
        )


def _record_point(job: Job, line: Metrics) -> None:
    """Losses and scores of one step arrive in several lines; after a resume a step is told again."""
    point = JobPoint.objects.filter(job=job, step=line.step).first() or JobPoint(job=job, step=line.step)
    newest = JobPoint.objects.filter(job=job).aggregate(newest=Max("position", default=0))["newest"]
    point.epoch, point.elapsed_s, point.position = line.epoch, line.elapsed_s, newest + 1
    point.values = {**point.values, **line.values}
    point.save()
