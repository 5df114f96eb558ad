"""Who may see atlases: the members of the team. Making and deleting them is for its managers, giving classes
with their help for its annotators."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from training.models import Atlas
from training.models.atlases import AtlasQuerySet


def visible_to(user: User | AnonymousUser) -> AtlasQuerySet:
    """Atlases that this person may see."""
    return Atlas.objects.visible_to(user)
