"""The background functions of annotation: one call each. Delivered twice, they do nothing the second time."""

from uuid import UUID

from celery import shared_task

from annotation.services import exports, sweeps, uploads
from backend.foundation.queue import Letter

HOUR_S = 3600


@shared_task(name=Letter.IMPORT_UPLOAD, soft_time_limit=12 * HOUR_S, time_limit=12 * HOUR_S + 300)
def import_upload(upload_id: str) -> None:
    """Turn a received upload into images."""
    uploads.import_upload(upload_id=UUID(upload_id))


@shared_task(name=Letter.RUN_EXPORT, soft_time_limit=6 * HOUR_S, time_limit=6 * HOUR_S + 300)
def run_export(export_id: str) -> None:
    """Write a dataset's labels as a zip."""
    exports.run(export_id=UUID(export_id))


@shared_task(name=Letter.SWEEP_ANNOTATION, soft_time_limit=50, time_limit=60)
def sweep() -> None:
    """What was forgotten is asked for again; leases that ran out end."""
    sweeps.sweep()
