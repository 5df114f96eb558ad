"""The post room: letters ask for background functions by name, and leave only after commit."""

from enum import StrEnum

from celery import current_app
from django.db import transaction


class Queue(StrEnum):
    """Where a letter waits. Long jobs never stand before an upload or a click."""

    CPU = "cpu"
    GPU = "gpu"
    INTERACTIVE = "interactive"


class Letter(StrEnum):
    """Everything that may happen after the response has been sent."""

    IMPORT_UPLOAD = "annotation.import_upload"
    UPLOAD_DONE = "training.after_upload"
    RUN_EXPORT = "annotation.run_export"
    DELIVER_WEBHOOK = "annotation.deliver_webhook"
    MAIL_DIGEST = "annotation.mail_digest"
    AGGREGATE_CAMPAIGN = "annotation.aggregate_campaign"
    STITCH_CAMPAIGN = "annotation.stitch_campaign"
    RUN_JOB = "training.run_job"
    RUN_EVALUATION = "training.run_evaluation"
    RUN_COMPARISON = "training.run_comparison"
    SWEEP_ACCOUNTS = "accounts.sweep"
    SWEEP_ANNOTATION = "annotation.sweep"
    SWEEP_TRAINING = "training.sweep"


HOME_QUEUE = {Letter.RUN_JOB: Queue.CPU, Letter.RUN_EVALUATION: Queue.CPU, Letter.RUN_COMPARISON: Queue.CPU}
SWEEPS = (Letter.SWEEP_ACCOUNTS, Letter.SWEEP_ANNOTATION, Letter.SWEEP_TRAINING)


def post(letter: Letter, /, *, queue: Queue | None = None, **ids: str) -> None:
    """Send a letter once the surrounding transaction has committed.

    `queue` overrides where it waits (a job that wants a GPU, a preview that must not wait behind a training).
    """
    chosen = queue or HOME_QUEUE.get(letter, Queue.INTERACTIVE)
    kept = {name: str(value) for name, value in ids.items()}

    def leave() -> None:
        send(letter, kept, chosen)

    # Robust: with the broker away the row is still kept, and the sweep posts its letter again. A function
    # and no partial, for Django tells of its failure by its name.
    transaction.on_commit(leave, robust=True)


def send(letter: Letter, ids: dict[str, str], queue: Queue) -> None:
    """Hand a letter to the broker now, committed or not. Everyone else calls `post`."""
    current_app.send_task(str(letter), kwargs=ids, queue=str(queue))
