"""Reading people and teams, with what their pages show."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Count, Model, OuterRef, QuerySet, Subquery

from backend.accounts.models import Membership, Team, User
from backend.accounts.policies import teams_of
from backend.foundation.errors import NotFound

M = TypeVar("M", bound=Model)


def list_teams(*, user: User) -> QuerySet[Team]:
    """A person's teams, each with `role` (theirs) and `member_count`."""
    mine = Membership.objects.filter(team=OuterRef("pk"), user=user).values("role")[:1]
    return teams_of(user).annotate(role=Subquery(mine), member_count=Count("memberships"))


def list_members(*, team: Team) -> QuerySet[Membership]:
    """Everyone in the team, the longest there first."""
    return team.memberships.select_related("user", "team").order_by("created_at", "id")


def get_visible(*, among: QuerySet[M], pk: UUID) -> M:
    """One of these, or the same `NotFound` whether it does not exist or is not for this person."""
    found = among.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is nothing here that you may see.")
    return found
