"""Who may see comparisons: the members of the team."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from training.models import Comparison
from training.models.evaluations import ComparisonQuerySet


def visible_to(user: User | AnonymousUser) -> ComparisonQuerySet:
    """Comparisons that this person may see; list and detail both ask here."""
    return Comparison.objects.visible_to(user)
