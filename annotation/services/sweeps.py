"""What is done every minute: letters that got lost are posted again, leases that ran out end."""

from django.db import transaction

from annotation.services import exports, tasks, uploads


@transaction.atomic
def sweep() -> dict[str, int]:
    """Answers how many of each were mended."""
    return {
        "uploads": uploads.repost_waiting(),
        "exports": exports.repost_waiting(),
        "tasks": tasks.take_back_expired(),
    }
