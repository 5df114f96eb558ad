"""What the accounts' letters ask for."""

from celery import shared_task

from backend.accounts.services import people
from backend.foundation.queue import Letter


@shared_task(name=Letter.SWEEP_ACCOUNTS, soft_time_limit=30, time_limit=60)
def sweep() -> None:
    """Forget what counts no longer."""
    people.sweep()
