"""Alerts set aside by people, with a reason, until one of their cells changes."""

from annotation.core.alerts import AlertKind
from annotation.models import AlertDismissal, Branch
from annotation.policies import access
from backend.accounts.models import Role, User


def dismiss(
    *, branch: Branch, mark: str, kind: AlertKind, cell: int, t: int, reason: str, by: User
) -> AlertDismissal:
    """Set an alert aside; one that is set aside already keeps who did it first, and gets the newer reason."""
    access.require(by, branch.image.dataset.project, Role.ANNOTATOR)
    row, is_new = AlertDismissal.objects.get_or_create(
        branch=branch,
        mark=mark,
        defaults={"kind": str(kind), "cell": cell, "t": t, "reason": reason, "author": by},
    )
    if not is_new and reason and reason != row.reason:
        row.reason = reason
        row.save(update_fields=["reason"])
    return row


def bring_back(*, dismissal: AlertDismissal, by: User) -> None:
    """Show the alert again."""
    access.require(by, dismissal.branch.image.dataset.project, Role.ANNOTATOR)
    dismissal.delete()
