"""Reading where predicted images come from."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from backend.accounts.models import User
from training.models.predicted_images import PredictedImageQuerySet
from training.policies import predicted_images as policies


def list_predicted_images(
    *,
    user: User | AnonymousUser,
    trained_model: uuid.UUID | None = None,
    job: uuid.UUID | None = None,
    image: uuid.UUID | None = None,
) -> PredictedImageQuerySet:
    """Predicted images that this person may see, newest first; `image` is either side, source or made."""
    found = policies.visible_to(user).select_related("source", "made", "trained_model")
    asked = {"trained_model_id": trained_model, "job_id": job}
    wanted = Q(**{name: value for name, value in asked.items() if value})
    if image:
        wanted &= Q(source_id=image) | Q(made_id=image)
    return found.filter(wanted)
