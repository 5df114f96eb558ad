"""Who may see what is proposed on new images: the team of the project."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from training.models import UploadProposal
from training.models.proposing import UploadProposalQuerySet


def visible_to(user: User | AnonymousUser) -> UploadProposalQuerySet:
    """What came of uploads, of the teams of this person."""
    return UploadProposal.objects.visible_to(user)
