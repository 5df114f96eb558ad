"""The life of a job: start, claim, report, end, cancel, retry. Every move locks the row, then looks.

What may be ordered is checked in `orders`.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import psutil
from django.conf import settings
from django.db import transaction

from annotation.models import Branch, Image, Project
from backend.accounts.models import User
from backend.foundation import clock, events, queue
from backend.foundation.errors import Conflict
from training.models import Job, JobTarget
from training.models.jobs import FINAL_STATES, HELD_STATES, Kind, State
from training.policies import projects as project_policies
from training.selectors.orders import Order
from training.services import orders

HEARTBEAT_S = 5.0
SILENT_AFTER = timedelta(seconds=60)
# A worker of this machine whose process is gone has missed three beats by then.
GONE_AFTER = timedelta(seconds=15)
LETTER_LOST_AFTER = timedelta(minutes=2)
LETTER_LOST_WHILE_BUSY_AFTER = timedelta(minutes=15)
FRUITLESS_ATTEMPTS_MAX = 5
DEFAULT_TRAINING_MINUTES = 15.0


class JobIsOver(Conflict):
    """The job has already ended, so it cannot be cancelled."""


class JobNotOver(Conflict):
    """The job still runs or waits, so it cannot be started again."""


class JobTakenOver(Conflict):
    """Another worker has the job in hand now, or nobody: this worker must let go of it."""


@transaction.atomic
def start(*, project: Project, order: Order, by: User) -> Job:
    """Queue a job and post its letter. Raises NotAllowed, JobNotComplete, NotOfThisProject, BadSettings."""
    project_policies.require_manager(user=by, project=project)
    order = orders.with_classes(order=order)
    orders.check(project=project, order=order)
    return _queue(project=project, order=order, by=by, retry_of=None)


@transaction.atomic
def retry(*, job: Job, by: User) -> Job:
    """Queue a new job that asks for the same as one that failed or was cancelled; the old one stays."""
    project_policies.require_manager(user=by, project=job.project)
    old = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if old.state not in (State.FAILED, State.CANCELLED):
        raise JobNotOver(
            f"Only a failed or cancelled job can be started again; this one is {old.state.lower()}."
        )
    order = Order(
        kind=Kind(old.kind),
        recipe=old.recipe,
        snapshot=old.snapshot,
        trained_model=old.trained_model,
        init_from=old.init_from,
        images=list(Image.objects.filter(job_targets__job=old).select_related("dataset")),
        branch=_branch_of(old),
        link=old.settings.get("link"),
        link_model=old.link_model,
        settings=old.settings,
        seed=old.seed,
        minutes=old.minutes,
        name=old.name,
        make_tasks=old.make_tasks,
    )
    orders.check(project=old.project, order=order)
    return _queue(project=old.project, order=order, by=by, retry_of=old)


@transaction.atomic
def cancel(*, job: Job, by: User) -> Job:
    """Cancel a waiting job at once, or ask the worker of a running one to stop. Raises JobIsOver."""
    project_policies.require_manager(user=by, project=job.project)
    row = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if row.state in FINAL_STATES:
        raise JobIsOver(f"This job has already ended ({row.state.lower()}).")
    if row.state == State.QUEUED:
        _end(row, State.CANCELLED, message="Cancelled before it began.")
    elif row.state == State.RUNNING:
        row.state, row.message = State.CANCELLING, "Stopping…"
        _save(row)
    return row


@transaction.atomic
def claim(*, job_id: uuid.UUID | str, worker: str) -> Job | None:
    """Take a queued job in hand, or answer None: a letter delivered twice finds nothing to do."""
    row = Job.objects.select_for_update(of=("self",)).filter(pk=job_id).first()
    if row is None or row.state != State.QUEUED:
        return None
    row.state, row.claimed_by = State.RUNNING, worker
    row.heartbeat_at = clock.now()
    row.started_at = row.started_at or row.heartbeat_at
    row.attempt += 1
    row.fruitless_attempts += 1
    row.message = "Starting…" if row.attempt == 1 else "Going on after an interruption…"
    _save(row)
    return row


@transaction.atomic
def beat(*, job_id: uuid.UUID | str, worker: str, memory_bytes: int | None = None) -> State:
    """Say that the worker lives; the answer tells whether it should go on. Raises JobTakenOver."""
    row = lock_held(job_id=job_id, worker=worker)
    row.heartbeat_at = clock.now()
    if memory_bytes is not None:
        row.peak_memory_bytes = max(row.peak_memory_bytes or 0, memory_bytes)
    row.save(update_fields=["heartbeat_at", "peak_memory_bytes"])
    return State(row.state)


@transaction.atomic
def note(*, job_id: uuid.UUID | str, worker: str, message: str, fraction: float | None = None) -> None:
    """Say what the worker itself is doing (copying images, reading results). Raises JobTakenOver."""
    row = lock_held(job_id=job_id, worker=worker)
    row.message = message
    if fraction is not None:
        row.fraction = fraction
    row.save(update_fields=["message", "fraction"])
    events.publish("job.progress", project=row.project_id, id=row.pk)


@transaction.atomic
def set_run_folder(*, job_id: uuid.UUID | str, worker: str, run_folder: str) -> None:
    """Remember where the run folder is, relative to the data folder. Raises JobTakenOver."""
    row = lock_held(job_id=job_id, worker=worker)
    row.run_folder = run_folder
    row.save(update_fields=["run_folder"])


@transaction.atomic
def release(*, job_id: uuid.UUID | str, worker: str, reason: str) -> Job:
    """Put an interrupted job back in the queue; it goes on from its checkpoint. Raises JobTakenOver."""
    return _requeue(lock_held(job_id=job_id, worker=worker), reason)


@transaction.atomic
def succeed(
    *, job_id: uuid.UUID | str, worker: str, scores: Mapping[str, Any] | None = None, message: str
) -> Job:
    """End a job well. Raises JobTakenOver."""
    row = lock_held(job_id=job_id, worker=worker)
    row.scores = dict(scores or {})
    row.fraction = 1.0
    _end(row, State.SUCCEEDED, message=message)
    return row


@transaction.atomic
def fail(*, job_id: uuid.UUID | str, worker: str, error: str, detail: str = "") -> Job:
    """End a job with a sentence for people and the details for developers. Raises JobTakenOver."""
    row = lock_held(job_id=job_id, worker=worker)
    row.error, row.detail = error, detail
    _end(row, State.FAILED, message="")
    return row


@transaction.atomic
def confirm_cancelled(*, job_id: uuid.UUID | str, worker: str) -> Job:
    """The worker has stopped the engine as it was asked to. Raises JobTakenOver."""
    row = lock_held(job_id=job_id, worker=worker)
    _end(row, State.CANCELLED, message="Cancelled.")
    return row


@transaction.atomic
def sweep() -> int:
    """Take back jobs whose worker fell silent, post lost letters again. Answers how many jobs were moved."""
    now = clock.now()
    lock = Job.objects.select_for_update(of=("self",), skip_locked=True)
    silent = [row for row in lock.silent_since(now - GONE_AFTER) if _is_silent(row, now)]
    for row in silent:
        if row.state == State.CANCELLING:
            _end(row, State.CANCELLED, message="Cancelled; its worker was gone.")
        else:
            _requeue(row, "The worker fell silent.")
    busy = Job.objects.held().exists()
    patience = LETTER_LOST_WHILE_BUSY_AFTER if busy else LETTER_LOST_AFTER
    waiting = list(lock.waiting_since(now - patience))
    for row in waiting:
        _post(row)
    return len(silent) + len(waiting)


def name_worker() -> str:
    """A name that no other claim ever had: machine, process, and a word of its own."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def _is_silent(row: Job, now: datetime) -> bool:
    """Not heard of for long; or for a moment, when its process on this very machine is gone."""
    if row.heartbeat_at is None or row.heartbeat_at < now - SILENT_AFTER:
        return True
    machine, _, rest = row.claimed_by.partition(":")
    process = rest.partition(":")[0]
    return machine == socket.gethostname() and process.isdigit() and not psutil.pid_exists(int(process))


def _queue(*, project: Project, order: Order, by: User, retry_of: Job | None) -> Job:
    uses = order.trained_model if order.kind in (Kind.PREDICT, Kind.EVALUATE) else None
    job = Job.objects.create(
        project=project,
        kind=order.kind,
        recipe=orders.recipe_of(order),
        snapshot=order.snapshot,
        trained_model=uses,
        init_from=order.init_from,
        link_model=order.link_model,
        settings=orders.settings_of(order),
        seed=order.seed,
        minutes=order.minutes or (DEFAULT_TRAINING_MINUTES if order.kind is Kind.TRAIN else None),
        name=order.name.strip() or _name_of(order),
        make_tasks=order.make_tasks and order.kind is Kind.PREDICT,
        created_by=by,
        created_at=clock.now(),
        posted_at=clock.now(),
        retry_of=retry_of,
        message="Waiting for a worker.",
    )
    JobTarget.objects.bulk_create(
        JobTarget(job=job, image=image, branch=order.branch) for image in order.images
    )
    _post(job)
    return job


def _branch_of(job: Job) -> Branch | None:
    """The branch whose cells a job was asked about, if it was about one image and named it."""
    target = JobTarget.objects.filter(job=job, branch__isnull=False).select_related("branch__image").first()
    return target.branch if target is not None else None


def _name_of(order: Order) -> str:
    if orders.tracks(order):
        return f"Track cells, {orders.settings_of(order)['linker']}"
    if order.trained_model is not None:
        return f"{order.kind.label} with {order.trained_model}"
    return f"{order.kind.label}, {order.recipe}"


def lock_held(*, job_id: uuid.UUID | str, worker: str) -> Job:
    """The row of a job that this worker has in hand, locked until the transaction ends.

    Raises JobTakenOver.
    """
    row = Job.objects.select_for_update(of=("self",)).get(pk=job_id)
    if row.state not in HELD_STATES or row.claimed_by != worker:
        raise JobTakenOver(f"The job {job_id} is no longer in the hands of {worker}.")
    return row


def _requeue(row: Job, reason: str) -> Job:
    if row.state == State.CANCELLING:
        _end(row, State.CANCELLED, message="Cancelled.")
    elif row.fruitless_attempts >= FRUITLESS_ATTEMPTS_MAX:
        row.error = (
            f"The job was taken up {row.attempt} times and its process died each time without any progress. "
            "Most often the machine ran out of memory: try smaller crops, a smaller batch or a smaller net."
        )
        row.detail = reason
        _end(row, State.FAILED, message="")
    else:
        row.state, row.claimed_by, row.heartbeat_at = State.QUEUED, "", None
        row.message = f"{reason} It goes on from its last checkpoint."
        _save(row)
        _post(row)
    return row


def _end(row: Job, state: State, *, message: str) -> None:
    row.state, row.message, row.eta_s = state, message, None
    row.finished_at = clock.now()
    _save(row)


def _save(row: Job) -> None:
    row.save()
    events.publish("job.changed", project=row.project_id, id=row.pk, state=row.state)


def _queue_of(row: Job) -> queue.Queue:
    """A preview never waits behind a training; where there are GPU workers, they do the rest."""
    if row.kind == Kind.PREVIEW:
        return queue.Queue.INTERACTIVE
    return queue.Queue.GPU if settings.CYTOLOOP_GPU == "yes" else queue.Queue.CPU


def _post(row: Job) -> None:
    row.posted_at = clock.now()
    row.save(update_fields=["posted_at"])
    queue.post(queue.Letter.RUN_JOB, queue=_queue_of(row), job_id=str(row.pk))
    events.publish("job.changed", project=row.project_id, id=row.pk, state=row.state)
