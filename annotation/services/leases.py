"""Leases of tasks pulled from the queue: work on the branch keeps them alive."""

from datetime import timedelta

from annotation.models import Branch, Task, TaskState
from backend.accounts.models import User
from backend.foundation.clock import now

LEASE = timedelta(hours=1)
RENEW_WHEN_LEFT = timedelta(minutes=50)


def renew(*, branch: Branch, by: User) -> None:
    """Push back the end of the leases that `by` holds on this branch; at most one write every ten minutes."""
    moment = now()
    held = Task.objects.filter(branch=branch, assignee=by, state=TaskState.ASSIGNED)
    held.filter(lease_until__lt=moment + RENEW_WHEN_LEFT).update(lease_until=moment + LEASE)
