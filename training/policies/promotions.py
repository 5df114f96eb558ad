"""Who may see promotions: the members of the team."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from training.models import Promotion
from training.models.promotions import PromotionQuerySet


def visible_to(user: User | AnonymousUser) -> PromotionQuerySet:
    """Promotions that this person may see; list and detail both ask here."""
    return Promotion.objects.visible_to(user)
