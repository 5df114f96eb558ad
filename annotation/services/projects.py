"""Projects and their classes."""

from typing import Any

from django.db import transaction

from annotation.models import LabelClass, Project
from annotation.policies import access
from annotation.services import images
from annotation.services.naming import keep
from backend.accounts.models import Role, Team, User
from backend.accounts.policies import role_in
from backend.foundation.errors import Conflict


class ClassIsUsed(Conflict):
    """Cells carry, or once carried, the class."""


@transaction.atomic
def create(*, team: Team, name: str, description: str = "", by: User) -> Project:
    """A new project of the team."""
    role = role_in(by, team)
    if role is None:
        raise access.NothingHere("There is no such team.")
    if role.rank < Role.MANAGER.rank:
        raise access.RoleTooLow("Only managers and owners make projects.")
    return keep(Project(team=team, name=name, description=description, created_by=by))


@transaction.atomic
def change(*, project: Project, by: User, **changes: Any) -> Project:
    """Rename or describe a project."""
    access.require(by, project, Role.MANAGER)
    return keep(project, changes)


@transaction.atomic
def delete(*, project: Project, by: User) -> None:
    """Forget a project with everything in it. Owners only."""
    access.require(by, project, Role.OWNER)
    images.delete_datasets(dataset_ids=list(project.datasets.values_list("pk", flat=True)))
    project.delete()


@transaction.atomic
def add_class(
    *, project: Project, name: str, color: str, position: int | None = None, by: User
) -> LabelClass:
    """A new class; it comes last unless told."""
    access.require(by, project, Role.MANAGER)
    at = project.classes.count() if position is None else position
    return keep(LabelClass(project=project, name=name, color=color.lower(), position=at))


@transaction.atomic
def change_class(*, label_class: LabelClass, by: User, **changes: Any) -> LabelClass:
    """Rename, recolour, move or archive a class. Cells that carry it keep it."""
    access.require(by, label_class.project, Role.MANAGER)
    if "color" in changes:
        changes["color"] = changes["color"].lower()
    return keep(label_class, changes)


@transaction.atomic
def delete_class(*, label_class: LabelClass, by: User) -> None:
    """Forget a class that no cell ever carried; others can be archived."""
    access.require(by, label_class.project, Role.MANAGER)
    if label_class.cell_states.exists():
        raise ClassIsUsed(
            f"Cells carry the class {label_class.name}, now or in an older revision; archive it instead."
        )
    label_class.delete()
