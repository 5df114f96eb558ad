"""Reading projects, their people and classes."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from annotation.models import LabelClass, Project, ProjectMember
from annotation.policies.access import higher
from backend.accounts.models import Membership, Role, User


def list_projects(*, user: User) -> QuerySet[Project]:
    """The projects that `user` may see, each with `team_role` and `given_role`: what `user` is in its team,
    and in it alone."""
    mine = Membership.objects.filter(user=user, team=OuterRef("team"))
    given = ProjectMember.objects.filter(user=user, project=OuterRef("pk"))
    return (
        Project.objects.visible_to(user)
        .select_related("team")
        .annotate(team_role=Subquery(mine.values("role")[:1]), given_role=Subquery(given.values("role")[:1]))
    )


def list_classes(*, project: Project) -> QuerySet[LabelClass]:
    """The project's classes in their order, archived ones too."""
    return project.classes.all()


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of a project: what they are in its team, what was given to them in it, and what they may do.

    `role` None: a guest to whom the project is not opened.
    """

    user: User
    team_role: Role
    given_role: Role | None
    role: Role | None


def list_people(*, project: Project) -> list[Colleague]:
    """Everybody who may see the project, by name."""
    return [person for person in list_team(project=project) if person.role is not None]


def list_team(*, project: Project) -> list[Colleague]:
    """Everybody of the project's team, by name, guests to whom the project is not opened included."""
    given = dict(ProjectMember.objects.filter(project=project).values_list("user_id", "role"))
    members = Membership.objects.filter(team=project.team_id, user__is_active=True).select_related("user")
    return sorted(_colleagues(members, given), key=lambda person: person.user.name.lower())


def _colleagues(members: Iterable[Membership], given: dict[UUID, str]) -> Iterable[Colleague]:
    for member in members:
        told = given.get(member.user_id)
        yield Colleague(
            user=member.user,
            team_role=Role(member.role),
            given_role=Role(told) if told else None,
            role=higher(member.role, told),
        )
