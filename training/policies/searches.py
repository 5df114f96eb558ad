"""Who may see searches: the members of the team."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from training.models import Search
from training.models.searches import SearchQuerySet


def visible_to(user: User | AnonymousUser) -> SearchQuerySet:
    """Searches that this person may see; list and detail both ask here."""
    return Search.objects.visible_to(user)
