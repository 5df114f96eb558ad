"""Reading predictions, most uncertain first."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from backend.accounts.models import User
from training.models.predictions import PredictionQuerySet
from training.policies import predictions as policies


def list_predictions(
    *,
    user: User | AnonymousUser,
    trained_model: uuid.UUID | None = None,
    job: uuid.UUID | None = None,
    image: uuid.UUID | None = None,
    project: uuid.UUID | None = None,
) -> PredictionQuerySet:
    """Predictions that this person may see; those with the most objects expected to be wrong come first."""
    found = policies.visible_to(user).select_related(
        "image",
        "branch",
        "revision",
        "trained_model",
        "task",
        "correction",
        "correction__revision",
        "tracking__base__branch",
        "tracking__trained_model",
    )
    asked = {
        "trained_model_id": trained_model,
        "job_id": job,
        "image_id": image,
        "image__dataset__project_id": project,
    }
    return found.filter(Q(**{name: value for name, value in asked.items() if value}))
