"""What a training with folds is asked for, and what it finds out image by image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from annotation.models import Project
from backend.accounts.models import User
from training.contract.folding import summarise
from training.contract.progress import Metrics, ProgressLine, Status
from training.models import CrossValidation, Job
from training.models.cross_validations import FOLDS_LEAST, FOLDS_MOST
from training.models.jobs import Kind
from training.selectors.orders import Order
from training.services import jobs, progress
from training.services.orders import JobNotComplete


@transaction.atomic
def start(*, project: Project, order: Order, folds: int, by: User) -> Job:
    """Queue a training that is judged on every image. Raises what `jobs.start` raises, JobNotComplete."""
    if order.kind is not Kind.TRAIN or not FOLDS_LEAST <= folds <= FOLDS_MOST:
        raise JobNotComplete(f"folds: a training takes from {FOLDS_LEAST} to {FOLDS_MOST} folds.")
    job = jobs.start(project=project, order=order, by=by)
    counts = job.snapshot.counts if job.snapshot else {}
    groups = sum(counts.get(split, {}).get("groups", 0) for split in ("train", "validation"))
    if groups < FOLDS_LEAST:
        raise JobNotComplete("folds: the snapshot needs at least two images, of two groups, to learn from.")
    CrossValidation.objects.create(job=job, folds=folds)
    return job


@transaction.atomic
def of_job(*, job: Job) -> CrossValidation | None:
    """The cross-validation a training was asked for; one that is asked for again has it again."""
    found = CrossValidation.objects.filter(job=job).first()
    if found is not None or job.retry_of is None:
        return found
    old = of_job(job=job.retry_of)
    return None if old is None else CrossValidation.objects.create(job=job, folds=old.folds)


@transaction.atomic
def keep_images(*, row: CrossValidation, worker: str, images: Sequence[Mapping[str, Any]]) -> None:
    """Enter the scores of images that a net had not seen; the same image again replaces its scores. Raises
    JobTakenOver."""
    jobs.lock_held(job_id=row.job_id, worker=worker)
    new = {image["image"]: dict(image) for image in images}
    row.images = [*(image for image in row.images if image["image"] not in new), *new.values()]
    row.summary = summarise([image["scores"] for image in row.images])
    row.save(update_fields=["images", "summary"])


def hear(
    *, job: Job, worker: str, lines: Sequence[ProgressLine], offset: int, part: str, place: float, parts: int
) -> None:
    """Write down what one of `parts` nets told: how far it is is a part of the whole; its curve is kept under
    its name. Raises JobTakenOver."""
    told: list[ProgressLine] = []
    for line in lines:
        if isinstance(line, Status):
            done = None if line.fraction is None else min(0.99, (place + line.fraction) / parts)
            left = None if line.eta_s is None else line.eta_s + (parts - place - 1) * _net_s(job, parts)
            told.append(Status(at=line.at, message=f"{part}: {line.message}", fraction=done, eta_s=left))
        elif isinstance(line, Metrics):
            values = {f"{name}, {part.lower()}": value for name, value in line.values.items()}
            told.append(
                Metrics(at=line.at, step=line.step, epoch=line.epoch, elapsed_s=line.elapsed_s, values=values)
            )
    progress.record(job_id=job.pk, worker=worker, lines=told, offset=offset)


def _net_s(job: Job, parts: int) -> float:
    return (job.minutes or 0.0) * 60 / parts
