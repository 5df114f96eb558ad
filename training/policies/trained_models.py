"""Who may see trained models: the members of the team."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from training.models import TrainedModel
from training.models.trained_models import TrainedModelQuerySet


def visible_to(user: User | AnonymousUser) -> TrainedModelQuerySet:
    """Trained models that this person may see; list and detail both ask here."""
    return TrainedModel.objects.visible_to(user)
