"""One question, asked everywhere: does this person hold at least this role where the row lives?

A row that is not visible is not found, whoever asks; a visible one may still refuse what is asked of it.
"""

from typing import TypeVar
from uuid import UUID

from django.db import models

from annotation.models import Project, ProjectMember, veil
from annotation.models.ownership import OwnedQuerySet
from backend.accounts.models import Role
from backend.accounts.policies import Person, role_in
from backend.foundation.errors import NotAllowed, NotFound

Row = TypeVar("Row", bound=models.Model)


class RoleTooLow(NotAllowed):
    """The person is a member of the team, but this takes a higher role."""


class RatesBlind(NotAllowed):
    """The person rates an image of the project blind: what sums up its labels is told afterwards."""


class NothingHere(NotFound):
    """Unknown, or not for this person: the same answer for both."""


def find(rows: OwnedQuerySet[Row], *, user: Person, pk: UUID | str) -> Row:
    """The row of `rows` with this key that `user` may see; raises `NothingHere`."""
    row = rows.visible_to(user).filter(pk=pk).first()
    if row is None:
        raise NothingHere("There is nothing here that you may see.")
    return row


def role_of(user: Person, project: Project) -> Role:
    """The person's role in the project; raises `NothingHere` for a stranger, and for a guest to whom it is
    not opened."""
    role = role_or_none(user, project)
    if role is None:
        raise NothingHere("There is nothing here that you may see.")
    return role


def role_or_none(user: Person, project: Project) -> Role | None:
    """The higher of the role in the project's team and the one given in the project; None: sees nothing."""
    in_team = role_in(user, project.team)
    if in_team is None:
        return None
    given = ProjectMember.objects.filter(project=project, user=user.pk).values_list("role", flat=True).first()
    return higher(in_team, given)


def higher(in_team: str | None, given: str | None) -> Role | None:
    """What a role in the team and one in the project allow together; a guest needs the second."""
    if in_team is None:
        return None
    known = [Role(role) for role in (in_team, given) if role and role != Role.GUEST]
    return max(known, key=lambda role: role.rank, default=None)


def require(user: Person, project: Project, at_least: Role) -> None:
    """Raises `RoleTooLow` when the person's role in the project is lower, `NothingHere` for a stranger."""
    role = role_of(user, project)
    if role.rank < at_least.rank:
        raise RoleTooLow(
            f"This takes the role {at_least.label.lower()} or above; yours is {role.label.lower()}."
        )


def refuse_blind(user: Person, project: Project) -> None:
    """Raises `RatesBlind` while the person rates images of the project blind; for what would count or copy
    the labels of many images."""
    if veil.own_blind_tasks(user).filter(project=project).exists():
        raise RatesBlind(
            "You rate images of this project without seeing the others' labels. Hand these tasks in first; "
            "when they are settled, this works again."
        )
