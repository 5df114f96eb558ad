"""Who may see evaluations: the members of the team."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from training.models import Evaluation
from training.models.evaluations import EvaluationQuerySet


def visible_to(user: User | AnonymousUser) -> EvaluationQuerySet:
    """Evaluations that this person may see; list and detail both ask here."""
    return Evaluation.objects.visible_to(user)
