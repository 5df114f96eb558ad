"""Whose row is it? Every subject knows its road to the project, and asks for the team's members there."""

from typing import ClassVar, Self, TypeVar

from django.db import models

from backend.accounts.models import Role
from backend.accounts.policies import Person, teams_of

Row = TypeVar("Row", bound=models.Model)


class OwnedQuerySet(models.QuerySet[Row]):
    """Rows that hang below a project; `team_road` is the lookup that leads to the team's id."""

    team_road: ClassVar[str]

    def held_by(self, user: Person, at_least: Role) -> Self:
        """Rows of the teams in which `user` has at least this role."""
        teams = teams_of(user, at_least=at_least)
        return self.filter(**{f"{self.team_road}__in": teams.values("pk")})

    def visible_to(self, user: Person) -> Self:
        """Rows that `user` may read: every member of the team may."""
        return self.held_by(user, Role.VIEWER)
