"""Who may see snapshots: the members of the team."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from training.models import Snapshot
from training.models.snapshots import SnapshotQuerySet


def visible_to(user: User | AnonymousUser) -> SnapshotQuerySet:
    """Snapshots that this person may see; list and detail both ask here."""
    return Snapshot.objects.visible_to(user)
