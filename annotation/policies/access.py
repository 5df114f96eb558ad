"""One question, asked everywhere: does this person hold at least this role where the row lives?

A row that is not visible is not found, whoever asks; a visible one may still refuse what is asked of it.
"""

from typing import TypeVar
from uuid import UUID

from django.db import models

from annotation.models import Project
from annotation.models.ownership import OwnedQuerySet
from backend.accounts.models import Role
from backend.accounts.policies import Person, role_in
from backend.foundation.errors import NotAllowed, NotFound

Row = TypeVar("Row", bound=models.Model)


class RoleTooLow(NotAllowed):
    """The person is a member of the team, but this takes a higher role."""


class NothingHere(NotFound):
    """Unknown, or not for this person: the same answer for both."""


def find(rows: OwnedQuerySet[Row], *, user: Person, pk: UUID | str) -> Row:
    """The row of `rows` with this key that `user` may see; raises `NothingHere`."""
    row = rows.visible_to(user).filter(pk=pk).first()
    if row is None:
        raise NothingHere("There is nothing here that you may see.")
    return row


def role_of(user: Person, project: Project) -> Role:
    """The person's role in the project's team; raises `NothingHere` for a stranger."""
    role = role_in(user, project.team)
    if role is None:
        raise NothingHere("There is nothing here that you may see.")
    return role


def require(user: Person, project: Project, at_least: Role) -> None:
    """Raises `RoleTooLow` when the person's role in the project is lower, `NothingHere` for a stranger."""
    role = role_of(user, project)
    if role.rank < at_least.rank:
        raise RoleTooLow(
            f"This takes the role {at_least.label.lower()} or above; yours is {role.label.lower()}."
        )
