"""Who may see predictions: the members of the team."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from training.models import Prediction
from training.models.predictions import PredictionQuerySet


def visible_to(user: User | AnonymousUser) -> PredictionQuerySet:
    """Predictions that this person may see; list and detail both ask here."""
    return Prediction.objects.visible_to(user)
