"""What is done every minute: letters that got lost are posted again, leases that ran out end."""

from django.db import transaction

from annotation.services import (
    crowd_answers,
    crowd_asking,
    crowd_stitch_jobs,
    exports,
    notifications,
    ratings,
    standing,
    tasks,
    uploads,
    webhooks,
)


@transaction.atomic
def sweep() -> dict[str, int]:
    """Answers how many of each were mended."""
    return {
        "uploads": uploads.repost_waiting(),
        "exports": exports.repost_waiting(),
        "tasks": tasks.take_back_expired(),
        "repetitions": ratings.begin_due(),
        "shared_out": standing.share_out_waiting(),
        "crowd_leases": crowd_answers.take_back_expired(),
        "campaigns": crowd_asking.repost_waiting(),
        "stitchings": crowd_stitch_jobs.repost_waiting(),
        "deliveries": webhooks.repost_waiting(),
        "mails": notifications.ask_for_mails(),
    }
