"""Who may see jobs: the members of the team."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from training.models import Job
from training.models.jobs import JobQuerySet


def visible_to(user: User | AnonymousUser) -> JobQuerySet:
    """Jobs that this person may see; list and detail both ask here."""
    return Job.objects.visible_to(user)
