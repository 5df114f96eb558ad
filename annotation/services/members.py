"""Roles in one project: a guest is let in, a member may do more than elsewhere."""

from uuid import UUID

from django.db import transaction

from annotation.models import GRANTED, Project, ProjectMember
from annotation.policies import access
from backend.accounts.models import Membership, Role, User
from backend.foundation.errors import Invalid


class NoSuchMember(Invalid):
    """The person is not in the project's team; whoever works in a project belongs to its team first."""


class RoleAboveYours(Invalid):
    """Nobody gives away a role that they do not hold themselves."""


@transaction.atomic
def give_role(*, project: Project, person: UUID, role: Role, by: User) -> ProjectMember:
    """Let somebody of the team do at least this much in this project. Managers and above, up to their own
    role."""
    access.require(by, project, Role.MANAGER)
    if role not in GRANTED or role.rank > access.role_of(by, project).rank:
        raise RoleAboveYours(f"The role {role.label.lower()} is not yours to give in this project.")
    member = Membership.objects.filter(team=project.team_id, user=person).first()
    if member is None:
        raise NoSuchMember("Only people of the team can be given a role in its project: invite them first.")
    row, _ = ProjectMember.objects.update_or_create(
        project=project, user_id=member.user_id, defaults={"role": role, "given_by": by}
    )
    return row


@transaction.atomic
def take_role(*, project: Project, person: UUID, by: User) -> None:
    """From now on the role in the team counts alone; a guest sees the project no more."""
    access.require(by, project, Role.MANAGER)
    ProjectMember.objects.filter(project=project, user=person).delete()
