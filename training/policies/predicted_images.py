"""Who may see where predicted images come from: the members of the team."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from training.models import PredictedImage
from training.models.predicted_images import PredictedImageQuerySet


def visible_to(user: User | AnonymousUser) -> PredictedImageQuerySet:
    """Predicted images that this person may see."""
    return PredictedImage.objects.visible_to(user)
