"""The background functions of annotation: one call each. Delivered twice, they do nothing the second time."""

from uuid import UUID

from celery import shared_task

from annotation.services import (
    crowd_consensus,
    crowd_stitch_jobs,
    exports,
    notifications,
    sweeps,
    uploads,
    webhooks,
)
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


@shared_task(name=Letter.DELIVER_WEBHOOK, soft_time_limit=60, time_limit=90)
def deliver_webhook(delivery_id: str) -> None:
    """Tell another program what happened."""
    webhooks.deliver(delivery_id=UUID(delivery_id))


@shared_task(name=Letter.MAIL_DIGEST, soft_time_limit=60, time_limit=90)
def mail_digest(user_id: str) -> None:
    """Send somebody what is unread."""
    notifications.send_digest(user_id=UUID(user_id))


@shared_task(name=Letter.AGGREGATE_CAMPAIGN, soft_time_limit=6 * HOUR_S, time_limit=6 * HOUR_S + 300)
def aggregate_campaign(campaign_id: str) -> None:
    """Reckon up the answers of a campaign's items that have new ones."""
    crowd_consensus.run(campaign_id=UUID(campaign_id))


@shared_task(name=Letter.STITCH_CAMPAIGN, soft_time_limit=6 * HOUR_S, time_limit=6 * HOUR_S + 300)
def stitch_campaign(stitching_id: str) -> None:
    """Put a campaign's answers back into labels."""
    crowd_stitch_jobs.run(stitching_id=UUID(stitching_id))


@shared_task(name=Letter.SWEEP_ANNOTATION, soft_time_limit=50, time_limit=60)
def sweep() -> None:
    """What was forgotten is asked for again; leases that ran out end."""
    sweeps.sweep()
