"""Whose row is it? Every subject knows its road to the project, and asks for those who may be there."""

from typing import Any, ClassVar, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Q

from annotation.models import veil
from backend.accounts.models import Role
from backend.accounts.policies import Person, guests_of, role_at_least, teams_of

Row = TypeVar("Row", bound=models.Model)


def projects_of(user: Person, *, at_least: Role = Role.VIEWER) -> models.QuerySet[Any]:
    """The projects in which `user` holds at least this role: those of the teams in which they do, and those
    that were opened to them in particular, as long as they belong to the team."""
    members = apps.get_model("annotation", "ProjectMember")
    given = members.objects.filter(user=user.pk, role__in=role_at_least(at_least))
    in_team = Q(team__in=teams_of(user, at_least=at_least).values("pk"))
    opened = Q(pk__in=given.values("project"), team__in=guests_of(user).values("pk"))
    return apps.get_model("annotation", "Project").objects.filter(in_team | opened)


class OwnedQuerySet(models.QuerySet[Row]):
    """Rows that hang below a project; `team_road` is the lookup that leads to the team's id.

    What tells of an image's labels names its roads: `image_road` with `branch_road` where it is one branch of
    one image, `images_roads` where it tells of several at once. Who rates one of them blind does not see it.
    """

    team_road: ClassVar[str]
    image_road: ClassVar[str] = ""
    branch_road: ClassVar[str] = ""
    images_roads: ClassVar[tuple[str, ...]] = ()

    def held_by(self, user: Person, at_least: Role) -> Self:
        """Rows of the projects in which `user` has at least this role."""
        road = self.team_road.removesuffix("team_id").removesuffix("__") or "pk"
        return self.filter(**{f"{road}__in": projects_of(user, at_least=at_least).values("pk")})

    def visible_to(self, user: Person) -> Self:
        """Rows that `user` may read: everybody who may see the project may, but for what a blind rating
        hides."""
        rows = self.held_by(user, Role.VIEWER)
        if self.image_road:
            rows = rows.filter(veil.outside(user, image=self.image_road, branch=self.branch_road))
        if self.branch_road:
            rows = rows.filter(self.unsealed_for(user))
        for road in self.images_roads:
            rows = rows.filter(veil.telling_nothing(user, images=road))
        return rows

    def unsealed_for(self, user: Person) -> Q:
        """What `user` may see although others' ratings are under way."""
        reviewed = projects_of(user, at_least=Role.REVIEWER)
        return veil.unsealed(user, reviewed=reviewed, branch=self.branch_road)
